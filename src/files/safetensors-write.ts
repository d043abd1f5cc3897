/** Writing safetensors files, byte for byte as the Rust library writes them. */
import { writeAtomically } from "./output.ts";
import { DTYPE_BYTES, parseHeader, type TensorBytes } from "./safetensors.ts";

const ORDER = [...DTYPE_BYTES.keys()];

/** What a header says of a tensor. */
export type Laid = Omit<TensorBytes, "bytes"> & { readonly bytes: { readonly length: number } };

/** A file's beginning, and its tensors in the order of their data. */
export interface Layout<T> {
  /** The eight bytes of the header's length, and the header. */
  readonly head: Uint8Array;
  readonly sorted: readonly (readonly [name: string, tensor: T])[];
  /** Of the whole file. */
  readonly fileBytes: number;
}

/**
 * Lays a file out before its data are there: tensors stand in the order of their dtype, those of widest alignment first,
 * then by name; the header is padded so that the data begin at a multiple of 8.
 *
 * throws   FormatError as `parseHeader` does, if what would be written could not be read again
 */
export function layOut<T extends Laid>(
  path: string,
  tensors: ReadonlyMap<string, T>,
  metadata: ReadonlyMap<string, string>,
): Layout<T> {
  const sorted = [...tensors].sort(
    ([a, x], [b, y]) =>
      ORDER.indexOf(y.dtype) - ORDER.indexOf(x.dtype) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const { json, dataBytes } = header(sorted, metadata);
  const fileBytes = 8 + json.length + dataBytes;
  parseHeader(json, fileBytes, path);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return { head: Buffer.concat([length, json]), sorted, fileBytes };
}

/**
 * Writes `tensors` by name, and strings about them, as one file: whole or not at all.
 *
 * throws   as `layOut`; IoError E_OUT_WRITE
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorBytes>,
  metadata: ReadonlyMap<string, string> = new Map(),
): void {
  const { head, sorted } = layOut(path, tensors, metadata);
  writeAtomically(path, (write) => {
    write(head);
    for (const [, tensor] of sorted) write(tensor.bytes);
  });
}

function header(sorted: readonly (readonly [string, Laid])[], metadata: ReadonlyMap<string, string>) {
  let dataBytes = 0;
  const parts = sorted.map(([name, { dtype, shape, bytes }]) => {
    const begin = dataBytes;
    dataBytes += bytes.length;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, dataBytes] })}`;
  });
  if (metadata.size > 0) parts.unshift(`"__metadata__":${strings(metadata)}`);
  const text = `{${parts.join(",")}}`;
  const bytes = Buffer.byteLength(text);
  return { json: Buffer.from(text + " ".repeat((8 - (bytes % 8)) % 8)), dataBytes };
}

/** An object of strings, its keys in order, so that the same metadata make the same file. */
function strings(metadata: ReadonlyMap<string, string>): string {
  const keys = [...metadata.keys()].sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata.get(key))}`).join(",")}}`;
}
