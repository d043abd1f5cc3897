/** Writing safetensors files, byte for byte as the Rust library writes them. */
import { writeAtomically } from "./output.ts";
import { DTYPE_BYTES, parseHeader, type TensorBytes } from "./safetensors.ts";

const ORDER = [...DTYPE_BYTES.keys()];

/**
 * Writes `tensors` by name, and strings about them, as one file: whole or not at all. They stand in the order of their
 * dtype, those of widest alignment first, then by name; the header is padded so that the data begin at a multiple of 8.
 *
 * throws   FormatError as `parseHeader` does, if what would be written could not be read again; IoError E_OUT_WRITE
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorBytes>,
  metadata: ReadonlyMap<string, string> = new Map(),
): void {
  const sorted = [...tensors].sort(
    ([a, x], [b, y]) =>
      ORDER.indexOf(y.dtype) - ORDER.indexOf(x.dtype) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const { json, dataBytes } = header(sorted, metadata);
  parseHeader(json, 8 + json.length + dataBytes, path);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  writeAtomically(path, (write) => {
    write(length);
    write(json);
    for (const [, tensor] of sorted) write(tensor.bytes);
  });
}

function header(sorted: readonly (readonly [string, TensorBytes])[], metadata: ReadonlyMap<string, string>) {
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
