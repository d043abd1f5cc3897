/**
 * safetensors: 8 bytes that give the length of a JSON header, the header, then every tensor's data without a gap.
 *
 *   u64 n | n bytes of {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ..., "__metadata__"?: {...}} | data
 *
 * Nothing here copies data. The rules are those of the Rust library, whose checks end in one sentence: the tensors
 * cover the data exactly. Stricter than it, so that one file has one meaning: keys occur once, an entry is an object
 * with its three fields and no more, names are printable and at most 512 bytes, no more than 8 axes, no integer beyond
 * 2^53 - 1, at most 100,000 tensors, nesting at most 8 deep, and `__metadata__`, where present, an object of strings.
 *
 * source   https://github.com/huggingface/safetensors, safetensors/src/tensor.rs (0.8)
 */
import { FormatError, LimitError } from "../errors.ts";
import { as, field } from "../json/fields.ts";
import { type Json, type JsonObject, readJson } from "../json/json.ts";
import type { InputFile } from "./input.ts";
import { looksLike } from "./magic.ts";
import { quote } from "../json/quote.ts";
import type { TensorInfo } from "./source.ts";
import { decodeUtf8 } from "../json/utf8.ts";

/** What a header says: its tensors in the order of their data, and the strings kept with them. */
export interface SafetensorsHeader {
  readonly tensors: readonly TensorInfo[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of one value, in the order of the Rust library's list, which also is the order of alignment. */
export const DTYPE_BYTES: ReadonlyMap<string, number> = new Map([
  ["BOOL", 1],
  ["U8", 1],
  ["I8", 1],
  ["I16", 2],
  ["U16", 2],
  ["F16", 2],
  ["BF16", 2],
  ["I32", 4],
  ["U32", 4],
  ["F32", 4],
  ["F64", 8],
  ["I64", 8],
  ["U64", 8],
]);

/** Dtypes of the format that nothing here can use. */
const UNSUPPORTED: ReadonlySet<string> = new Set(
  "F4 F6_E2M3 F6_E3M2 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ C64".split(" "),
);

const MOST_HEADER = 100_000_000;
const MOST_TENSORS = 100_000;
/** A tensor's entry is 6 values and its axes; metadata has one a string. */
const MOST_VALUES = MOST_TENSORS * 16;
const INCOMPLETE = "The download is incomplete or the file is damaged; get it again.";

/**
 * The length of the header, from the file's first 8 bytes and its whole length. `first` may hold a few bytes more, which
 * then tell what else the file may be, and fewer where the file is that short.
 *
 * throws   FormatError E_ST_TOO_SMALL, E_ST_HEADER_EMPTY, E_ST_HEADER_TOO_LARGE, E_ST_HEADER_LENGTH
 */
export function headerLength(first: Uint8Array, fileBytes: number, path: string): number {
  const bad = (code: string, expected: string, actual: string, hint: string) =>
    new FormatError(code, path, { path, offset: 0, expected, actual, hint });
  if (fileBytes < 8) {
    throw bad("E_ST_TOO_SMALL", "8 bytes and a header", `${fileBytes} bytes`, INCOMPLETE);
  }
  const view = new DataView(first.buffer, first.byteOffset, 8);
  const length = view.getBigUint64(0, true);
  if (length === 0n) throw bad("E_ST_HEADER_EMPTY", "a header", "a length of 0", INCOMPLETE);
  const kind = looksLike(first);
  if (length > BigInt(MOST_HEADER)) {
    const swapped = view.getBigUint64(0, false) <= BigInt(Math.min(fileBytes - 8, MOST_HEADER));
    const other = kind === undefined ? "This is not a safetensors file, or it is damaged." : `It looks like ${kind}.`;
    const hint = swapped ? "Was it written with its bytes swapped (big-endian)?" : other;
    throw bad("E_ST_HEADER_TOO_LARGE", "a header of at most 100,000,000 bytes", `a length of ${length}`, hint);
  }
  if (Number(length) > fileBytes - 8) {
    throw bad(
      "E_ST_HEADER_LENGTH",
      `a header within the file's ${fileBytes} bytes`,
      `a length of ${length}`,
      kind === undefined ? INCOMPLETE : `It looks like ${kind}.`,
    );
  }
  return Number(length);
}

/**
 * Reads a header's JSON (the bytes after the length) of a file `fileBytes` long.
 *
 * throws   FormatError: E_ST_UTF8, E_ST_BOM, E_JSON_*, E_ST_HEADER_TYPE, E_ST_METADATA, and of a tensor E_ST_NAME,
 *          E_ST_ENTRY, E_ST_FIELD, E_ST_DTYPE, E_ST_DTYPE_UNSUPPORTED, E_ST_SHAPE, E_ST_RANK, E_ST_OVERFLOW,
 *          E_ST_OFFSETS, E_ST_SIZE_MISMATCH, E_ST_OVERLAP, E_ST_HOLE, E_ST_TRUNCATED, E_ST_TRAILING;
 *          LimitError E_LIMIT_TENSORS
 */
export function parseHeader(json: Uint8Array, fileBytes: number, path: string): SafetensorsHeader {
  const document = as(headerJson(json, path), "object", "", { path, code: "E_ST_HEADER_TYPE" });
  const metadata = new Map<string, string>();
  if (document.has("__metadata__")) {
    const place = { path, code: "E_ST_METADATA" };
    for (const [key, value] of field(document, "__metadata__", "object", place)) {
      metadata.set(key, as(value, "string", key, { ...place, inside: "__metadata__" }));
    }
    document.delete("__metadata__");
  }
  if (document.size > MOST_TENSORS) throw tooMany(path);
  const base = 8 + json.length;
  const tensors = [...document].map(([name, entry]) => tensorInfo(name, entry, base, path));
  tensors.sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  checkCover(tensors, base, fileBytes, path);
  return { tensors, metadata };
}

function headerJson(json: Uint8Array, path: string): Json {
  try {
    return readJson(decodeUtf8(json, path, "E_ST", 8), path, { depth: 8, values: MOST_VALUES, start: 8 });
  } catch (error) {
    throw error instanceof LimitError ? tooMany(path, error.offset) : error;
  }
}

function tooMany(path: string, offset?: number): LimitError {
  return new LimitError("E_LIMIT_TENSORS", path, {
    path,
    offset,
    expected: "at most 100,000 tensors in a file",
    actual: "more",
    hint: "Such a file is made by accident or to do harm.",
  });
}

function tensorInfo(name: string, entry: Json, base: number, path: string): TensorInfo {
  const bad = (code: string, expected: string, actual: string) =>
    new FormatError(code, path, {
      path,
      tensor: quote(name),
      expected,
      actual,
      hint: "The file's writer is at fault.",
    });
  const nameBytes = Buffer.byteLength(name);
  if (nameBytes === 0 || nameBytes > 512 || /[\p{Cc}\p{Cf}]/u.test(name)) {
    throw bad("E_ST_NAME", "tensor names of 1 to 512 bytes, all printable", `${nameBytes} bytes`);
  }
  const fields = as(entry, "object", name, { path, code: "E_ST_ENTRY" });
  for (const key of fields.keys()) {
    if (key === "dtype" || key === "shape" || key === "data_offsets") continue;
    throw bad("E_ST_FIELD", "dtype, shape and data_offsets", quote(key));
  }
  const { format, valueBytes } = dtype(fields, name, path);
  const shape = integers(fields, "shape", "E_ST_SHAPE", name, path);
  if (shape.length > 8) throw bad("E_ST_RANK", "at most 8 axes", `${shape.length}`);
  let bytes = valueBytes;
  for (const n of shape) {
    bytes *= n;
    if (!Number.isSafeInteger(bytes)) throw bad("E_ST_OVERFLOW", "a size within 2^53 - 1", `[${shape.join(" ")}]`);
  }
  const offsets = integers(fields, "data_offsets", "E_ST_OFFSETS", name, path);
  const [begin = 0, end = 0] = offsets;
  if (offsets.length !== 2 || begin > end) {
    throw bad("E_ST_OFFSETS", "data_offsets [begin, end]", `[${offsets.join(", ")}]`);
  }
  if (end - begin !== bytes) {
    throw bad("E_ST_SIZE_MISMATCH", `${bytes} bytes for ${format} [${shape.join(" ")}]`, `${end - begin}`);
  }
  return { name, format, shape, path, offset: base + begin, bytes };
}

function dtype(fields: JsonObject, name: string, path: string): { format: string; valueBytes: number } {
  const place = { path, inside: name, code: fields.has("dtype") ? "E_ST_DTYPE" : "E_ST_FIELD" };
  const format = field(fields, "dtype", "string", place);
  const valueBytes = DTYPE_BYTES.get(format);
  if (valueBytes !== undefined) return { format, valueBytes };
  throw new FormatError(UNSUPPORTED.has(format) ? "E_ST_DTYPE_UNSUPPORTED" : "E_ST_DTYPE", path, {
    path,
    tensor: quote(name),
    expected: `a dtype of ${[...DTYPE_BYTES.keys()].join(" ")}`,
    actual: quote(format),
    hint: UNSUPPORTED.has(format) ? "Convert the checkpoint to BF16." : "The file's writer is at fault.",
  });
}

/** An array of integers from 0, under that key of an entry. */
function integers(fields: JsonObject, key: string, code: string, name: string, path: string): number[] {
  const place = { path, inside: name, code: fields.has(key) ? code : "E_ST_FIELD" };
  return field(fields, key, "array", place).map((value) => {
    const integer = as(value, "integer", key, place);
    if (integer >= 0) return integer;
    throw new FormatError(code, path, {
      path,
      tensor: quote(name),
      expected: `${key} from 0`,
      actual: `${integer}`,
      hint: "The file's writer is at fault.",
    });
  });
}

/** The tensors, in the order of their data, must cover the file from `base` to its end: no overlap, hole or tail. */
function checkCover(tensors: readonly TensorInfo[], base: number, fileBytes: number, path: string): void {
  let end = base;
  for (const { name, offset, bytes } of tensors) {
    if (offset !== end) {
      throw new FormatError(offset < end ? "E_ST_OVERLAP" : "E_ST_HOLE", path, {
        path,
        tensor: quote(name),
        offset,
        expected: `data from byte ${end} on, where the tensor before ends`,
        actual: `${offset}`,
        hint: "The file's writer is at fault.",
      });
    }
    end += bytes;
  }
  if (end === fileBytes) return;
  const share = `${Math.floor((100 * fileBytes) / end)} %`;
  throw new FormatError(end > fileBytes ? "E_ST_TRUNCATED" : "E_ST_TRAILING", path, {
    path,
    expected: `${end} bytes`,
    actual: `${fileBytes}${end > fileBytes ? `, ${share} of them` : ""}`,
    hint: end > fileBytes ? INCOMPLETE : "Something was added after the last tensor; get the file again.",
  });
}

/** Reads the header of an open file. Throws as `headerLength` and `parseHeader` do, and as reading does. */
export function readSafetensorsHeader(file: InputFile): SafetensorsHeader {
  const length = headerLength(file.read(0, Math.min(file.bytes, 64)), file.bytes, file.path);
  return parseHeader(file.read(8, length), file.bytes, file.path);
}

/** A tensor in memory. Its bytes are a view of the file's, and may begin at an odd address. */
export interface TensorBytes {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The tensors of a whole safetensors file in memory, by name. Throws as `parseHeader` and `headerLength` do. */
export function parseSafetensors(file: Uint8Array, path: string): Map<string, TensorBytes> {
  const length = headerLength(file.subarray(0, 64), file.length, path);
  const { tensors } = parseHeader(file.subarray(8, 8 + length), file.length, path);
  return new Map(
    tensors.map(({ name, format, shape, offset, bytes }) => [
      name,
      { dtype: format, shape, bytes: file.subarray(offset, offset + bytes) },
    ]),
  );
}
