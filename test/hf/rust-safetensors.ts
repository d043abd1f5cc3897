/** What the Rust library makes of safetensors files, what we do, and how the two may differ. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { QwqError } from "../../src/errors.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
export const python = path("../../.cache/venv/bin/python");

/** The only codes with which we may refuse what the Rust library accepts, and what it accepts there. */
export const STRICTER: ReadonlyMap<string, string> = new Map([
  ["E_JSON_DUP_KEY", "the last of two equal names or metadata keys wins"],
  ["E_JSON_DEPTH", "nesting up to 127 deep in a field that it ignores"],
  ["E_JSON_INT_RANGE", "integers up to 2^64 - 1, where the tensor is empty"],
  ["E_ST_OVERFLOW", "products up to 2^64 - 1, where another axis is 0"],
  ["E_ST_RANK", "any number of axes"],
  ["E_ST_NAME", "empty names, and names that cannot be printed"],
  ["E_ST_ENTRY", 'an entry as an array: ["F32", [1], [0, 4]]'],
  ["E_ST_FIELD", "fields that it does not know"],
  ["E_ST_METADATA", "null in place of the metadata"],
  ["E_ST_DTYPE_UNSUPPORTED", "dtypes of 4, 6 and 8 bits, and complex numbers"],
]);

export type Verdict = string | [name: string, dtype: string, shape: number[], hex: string][];

export function rust(files: readonly Uint8Array[]): Verdict[] {
  const input = files.flatMap((file) => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32LE(file.length);
    return [prefix, file];
  });
  const text = execFileSync(python, [path("safetensors_deserialize.py")], {
    input: Buffer.concat(input),
    maxBuffer: 1 << 28,
  });
  return text.toString().trimEnd().split("\n").map((line) => JSON.parse(line) as Verdict); // prettier-ignore
}

/** The tensors as Python lists them, or the code of the error. */
export function ours(file: Uint8Array): Verdict {
  try {
    const tensors = [...parseSafetensors(file, "x")];
    const rows = tensors.map(([name, t]): [string, string, number[], string] => [
      name,
      t.dtype,
      [...t.shape],
      Buffer.from(t.bytes).toString("hex"),
    ]);
    return rows.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    throw error;
  }
}
