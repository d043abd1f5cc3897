/** Files and paths, before a byte is parsed; the header of a safetensors file; the index of shards. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openShards } from "../../src/files/shards.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { temporaryFolder } from "../support/folder.ts";
import type { Row } from "./row.ts";

const INPUT = "test/files/input.test.ts";
const PATHS = "test/files/paths.test.ts";
const SHARDS = "test/files/shards.test.ts";
const SAFETENSORS = "test/files/safetensors.test.ts";
const TENSORS = "test/files/tensors.test.ts";

/** A file of that text in the place of model.safetensors, opened. */
function inPlace(bytes: string | Uint8Array): () => void {
  return () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "model.safetensors"), bytes);
    for (const file of openShards(folder).files) file.close();
  };
}

export const FILES: readonly Row[] = [
  { id: "F1", input: "no such folder or file, or no permission", does: "E_IO_OPEN", tests: [INPUT, SHARDS] },
  { id: "F2", input: "a folder in the place of a file", does: "E_IO_NOT_REGULAR", tests: [INPUT] },
  { id: "F3", input: "a named pipe that nobody writes to", does: "E_IO_NOT_REGULAR", tests: [INPUT] },
  { id: "F4", input: "a device, a socket", does: "E_IO_NOT_REGULAR", tests: [INPUT] },
  { id: "F5", input: "a link that leaves the model's folder", does: "E_PATH_ESCAPE", tests: [PATHS, SHARDS] },
  { id: "F6", input: "Hugging Face's cache: links to blobs", does: "accepted", tests: [PATHS] },
  { id: "F7", input: "links in a circle", does: "E_IO_OPEN", tests: [INPUT, PATHS] },
  { id: "F8", input: "a file with a second name", does: "W_HARD_LINK", tests: [INPUT] },
  { id: "F9", input: "an empty file, or one of 7 bytes", does: "E_ST_TOO_SMALL", tests: [SAFETENSORS, SHARDS] },
  { id: "F10", input: "a file with holes, which read as zeros", does: "W_SPARSE", tests: [INPUT] },
  { id: "F11", input: "the pointer that git-LFS leaves", does: "E_IO_LFS_POINTER", tests: [INPUT] },
  {
    id: "F12",
    input: "a web page, a zip or gzip archive in the file's place",
    does: "E_ST_HEADER_TOO_LARGE or E_ST_HEADER_LENGTH, and what it looks like",
    tests: [SAFETENSORS, "test/files/magic.test.ts > zip"],
    cases: [
      [
        "gzip with a time of 0",
        inPlace(Buffer.from("1f8b080000000000000301000000ffff00000000", "hex")),
        "E_ST_HEADER_LENGTH",
      ],
      ["a zip archive", inPlace(`PK\x03\x04${"\x14\0\0\0\x08\0\x21\x21".repeat(4)}`), "E_ST_HEADER_TOO_LARGE"],
      ["a web page", inPlace("<!doctype html><title>404</title>"), "E_ST_HEADER_TOO_LARGE"],
    ],
  },
  { id: "F13", input: "nothing but Python pickles", does: "E_FORMAT_UNSAFE", tests: [SHARDS] },
  {
    id: "F14",
    input: "more than 4,096 shards, or no more files may be open",
    does: "E_LIMIT_SHARDS, E_IO_OPEN",
    tests: [SHARDS, "test/support/faulty-io.ts > EMFILE"],
  },
  { id: "F15", input: "2^53 bytes and more", does: "E_LIMIT_FILE_SIZE", tests: [INPUT] },
  { id: "F16", input: "NUL or half a surrogate pair in a path", does: "E_PATH_INVALID", tests: [INPUT] },
  { id: "F17", input: "two shards that are one file", does: "E_IDX_SHARD_DUP", tests: [INPUT, SHARDS] },
];

/** A tensor of bfloat16 whose data begin at an odd byte, as the format allows. */
function oddly(): void {
  const header = '{"t":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}} ';
  const bytes = new Uint8Array(8 + header.length + 4);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  if (parseSafetensors(bytes, "x").get("t")?.bytes.byteOffset !== 8 + header.length) throw new Error("another offset");
}

const s = (number: number, input: string, does: string, more: Partial<Row> = {}): Row => ({
  id: `S${number}`,
  input,
  does,
  tests: [SAFETENSORS],
  ...more,
});

export const SAFETENSORS_ROWS: readonly Row[] = [
  s(1, "a header of length 0", "E_ST_HEADER_EMPTY"),
  s(2, "a header of more than 100,000,000 bytes, up to 2^64 - 1", "E_ST_HEADER_TOO_LARGE"),
  s(3, "a header longer than the file", "E_ST_HEADER_LENGTH"),
  s(4, "a length one too small or too large", "E_JSON_SYNTAX, E_JSON_TRAILING", {
    differs: "What follows the JSON is named as such, before the file's size is looked at.",
  }),
  s(5, "bytes that are not UTF-8", "E_ST_UTF8"),
  s(6, "a byte order mark", "E_ST_BOM"),
  s(7, "UTF-16, padding with NUL", "E_JSON_SYNTAX, E_JSON_TRAILING"),
  s(8, "white space before the header", "accepted", { tests: [`${SAFETENSORS} > leading and trailing whitespace`] }),
  s(9, "an array, a string, null as the header", "E_ST_HEADER_TYPE"),
  s(10, "two documents", "E_JSON_TRAILING"),
  s(11, "comments, a trailing comma, +2, 02, NaN", "E_JSON_SYNTAX"),
  s(12, "a control character in a name", "E_JSON_SYNTAX"),
  s(13, "half a surrogate pair as an escape", "E_JSON_SURROGATE"),
  s(14, "nesting deeper than 8", "E_JSON_DEPTH"),
  s(15, "a name twice", "E_JSON_DUP_KEY", { differs: "The Rust library takes the last of the two." }),
  s(16, "a name twice, once with escapes", "E_JSON_DUP_KEY", { differs: "As S15." }),
  s(17, "a field twice, the metadata twice", "E_JSON_DUP_KEY"),
  s(18, "a tensor called __proto__", "parsed; then E_TENSOR_UNEXPECTED", {
    tests: [`${SAFETENSORS} > a name called __proto__`, `${TENSORS} > a tensor called __proto__`],
  }),
  s(19, "an empty name, one of 513 bytes, NUL or direction marks in one", "E_ST_NAME", {
    differs: "The Rust library takes any name.",
  }),
  s(20, "more than 100,000 tensors", "E_LIMIT_TENSORS", { differs: "The Rust library has no limit." }),
  s(21, "metadata that are null, an array, nested, numbers", "E_ST_METADATA", {
    differs: "The Rust library takes null for none.",
  }),
  s(22, "a tensor called __metadata__", "E_ST_METADATA"),
  s(23, "an entry that is no object", "E_ST_ENTRY", {
    differs: "The Rust library takes an array of the three fields.",
  }),
  s(24, "an unknown field in an entry", "E_ST_FIELD", { differs: "The Rust library passes it over." }),
  s(25, "an entry without dtype, shape or data_offsets", "E_ST_FIELD"),
  s(26, "an unknown dtype, one in small letters, a number, constructor", "E_ST_DTYPE"),
  s(27, "a dtype of the format that nothing here uses", "E_ST_DTYPE_UNSUPPORTED"),
  s(28, "an axis of -1, 1.0, 1e0, -0, text", "E_ST_SHAPE"),
  s(29, "an axis beyond 2^53 - 1", "E_JSON_INT_RANGE", { differs: "The Rust library counts to 2^64 - 1." }),
  s(30, "more than 8 axes", "E_ST_RANK", { differs: "The Rust library takes any number." }),
  s(31, "a product that overflows, or wraps to a small one", "E_ST_OVERFLOW"),
  s(32, "[0, 2^64 - 1]", "E_JSON_INT_RANGE", { differs: "The Rust library counts to 2^64 - 1." }),
  s(33, "a tensor without values", "parsed; then E_SHAPE", {
    tests: [`${SAFETENSORS} > an empty tensor`, `${TENSORS} > no rows`],
  }),
  s(34, "a scalar where a vector is due", "E_SHAPE", { tests: [`${TENSORS} > a scalar for a gain`] }),
  s(35, "offsets negative, reversed, one or three, not whole", "E_ST_OFFSETS"),
  s(36, "offsets that do not fit shape and dtype", "E_ST_SIZE_MISMATCH"),
  s(37, "tensors over the same bytes: a bomb for memory", "E_ST_OVERLAP"),
  s(38, "bytes that no tensor has", "E_ST_HOLE"),
  s(39, "a file cut short", "E_ST_TRUNCATED"),
  s(40, "bytes after the last tensor: another file hides there", "E_ST_TRAILING"),
  s(41, "data that begin at an odd byte", "accepted", {
    tests: ["test/files/scanner.test.ts > at odd addresses too", "test/quant/formats.test.ts > from byte %d on"],
    cases: [["bfloat16 at an odd offset", oddly, "accepted"]],
    differs: "No warning: it is read like any other.",
  }),
  s(42, "a header of many million tiny values", "E_LIMIT_TENSORS", { tests: [`${SAFETENSORS} > S20, S42`] }),
  s(43, "a length written big-endian", "E_ST_HEADER_TOO_LARGE, and that it looks swapped"),
  s(44, "a big-endian machine", "not looked for", {
    tests: [],
    never:
      "Node has one big-endian build (s390x), on which nothing of this has run. Values would be read with their bytes swapped.",
  }),
];

const x = (number: number, input: string, does: string, more: Partial<Row> = {}): Row => ({
  id: `X${number}`,
  input,
  does,
  tests: [SHARDS],
  ...more,
});

export const INDEX_ROWS: readonly Row[] = [
  x(1, "a shard's name that leads out of the folder: ../, /etc, C:\\, a URL", "E_PATH_ESCAPE"),
  x(2, "no object, no weight_map, one that is an array or null", "E_IDX_SCHEMA"),
  x(3, "a key twice in weight_map", "E_JSON_DUP_KEY"),
  x(4, "a value that is no text, or no .safetensors", "E_IDX_SCHEMA"),
  x(5, "a shard that is not there", "E_IDX_SHARD_MISSING"),
  x(6, "a shard that the index does not name", "W_SHARD_EXTRA"),
  x(7, "a tensor that its shard has not", "E_IDX_TENSOR_MISSING"),
  x(8, "a tensor in two shards", "E_IDX_TENSOR_DUP"),
  x(9, "a tensor that the index does not name", "E_IDX_TENSOR_UNLISTED"),
  x(10, "a total_size that is not the sum", "E_IDX_TOTAL_SIZE"),
  x(11, "shards of another model with the same names and shapes", "E_HASH", {
    tests: ["test/integrity/verify.test.ts"],
  }),
  x(12, "two shards with each other's names", "E_IDX_TENSOR_MISSING"),
  x(13, "one file and an index", "E_IDX_AMBIGUOUS"),
  x(14, "an index of more than 16 MiB", "E_LIMIT_INDEX"),
  x(15, "numbers with a gap, a 0, or another total", "E_IDX_NUMBERING"),
];
