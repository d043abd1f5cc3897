/** Results of any nesting as one array. */
import type { Nested } from "./gpujs.ts";

/** A result of any nesting as one array. WebAssembly's rows are parts of one already. */
export function flat(result: Nested): Float32Array {
  if (result instanceof Float32Array) return result;
  const rows: Float32Array[] = [];
  const gather = (part: Nested) => {
    if (part instanceof Float32Array) rows.push(part);
    else part.forEach(gather);
  };
  gather(result);
  const length = rows.reduce((sum, row) => sum + row.length, 0);
  const [first] = rows;
  if (first!.buffer.byteLength === 4 * length) return new Float32Array(first!.buffer as ArrayBuffer);
  const data = new Float32Array(length);
  let at = 0;
  for (const row of rows) {
    data.set(row, at);
    at += row.length;
  }
  return data;
}
