/** What commands read beside models: a file by its name, or standard input for "-". */
import { inFile, IoError, LimitError, QwqError, UsageError } from "../errors.ts";
import { errorCode, InputFile } from "../files/input.ts";
import { as } from "../json/fields.ts";
import { type Json, readJson } from "../json/json.ts";
import { decodeUtf8 } from "../json/utf8.ts";

const PIECE_BYTES = 1 << 16;
/** Of a line, or of a file that is read whole: about the longest string that JavaScript has. */
const MOST_BYTES = 2 ** 28;

/** A line of a JSON Lines file: its value, and its place for errors, "cases.jsonl, line 7". */
export interface JsonLine {
  readonly json: Json;
  readonly where: string;
}

/** What errors call it. */
export function inputName(path: string): string {
  return path === "-" ? "stdin" : path;
}

/** The bytes, as they come: stdin may be a pipe that goes on for ever. */
async function* pieces(path: string): AsyncGenerator<Uint8Array, void> {
  if (path === "-") return yield* standardInput();
  const file = new InputFile(path);
  try {
    for (let at = 0; at < file.bytes; at += PIECE_BYTES) yield file.read(at, Math.min(PIECE_BYTES, file.bytes - at));
  } finally {
    file.close();
  }
}

async function* standardInput(): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of process.stdin) yield piece as Uint8Array; // bytes, since no encoding is set
  } catch (cause) {
    const hint = "Give a file or a pipe.";
    throw new IoError("E_IO_READ", "stdin", {
      expected: "bytes that can be read",
      actual: errorCode(cause),
      hint,
      cause,
    });
  }
}

/**
 * All of its bytes.
 *
 * throws   as InputFile; IoError E_IO_READ of stdin; LimitError E_LIMIT_INPUT above 256 MiB
 */
export async function readInput(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces(path)) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw tooLong(inputName(path), "a file");
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

/**
 * Its text as it stands: a byte order mark and the last newline belong to it. Throws as `readInput`, and FormatError
 * E_TEXT_UTF8.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readInput(path);
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return (mark > 0 ? "\ufeff" : "") + decodeUtf8(bytes.subarray(mark), inputName(path), "E_TEXT", mark);
}

/** The JSON document in it. Throws as `readInput` and `readJson`. */
export async function readJsonFile(path: string): Promise<Json> {
  return readJson(await readInput(path), inputName(path));
}

/**
 * The JSON documents in it, one on each line, as they come: a file larger than memory is no matter.
 *
 * throws   as `readInput` and `readJson`, with the number of the line; an empty line holds no document
 */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine, void> {
  let number = 0;
  for await (const bytes of lines(path)) {
    const where = `${inputName(path)}, line ${++number}`;
    yield { json: readJson(bytes, where), where };
  }
}

async function* lines(path: string): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces(path)) {
    let from = 0;
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, from)) {
      yield Buffer.concat([...parts, piece.subarray(from, end)]);
      [parts, bytes, from] = [[], 0, end + 1];
    }
    parts.push(piece.subarray(from));
    bytes += piece.length - from;
    if (bytes > MOST_BYTES) throw tooLong(inputName(path), "a line");
  }
  if (bytes > 0) yield Buffer.concat(parts);
}

function tooLong(where: string, what: string): LimitError {
  return new LimitError("E_LIMIT_INPUT", where, {
    expected: `${what} of at most ${MOST_BYTES} bytes`,
    actual: "a longer one",
    hint: "Cut it into several.",
  });
}

/**
 * Token ids from JSON: an array of integers from 0.
 *
 * throws   FormatError E_JSON_FIELD for what is no such array; UsageError E_ARG_TOKEN_ID for an id that no model has
 */
export function idsFromJson(json: Json, where: string): number[] {
  const hint = "Give ids as qwq tokenize prints them: [1,2,3].";
  const ids = as(json, "array", "", { path: where, hint }).map((id, i) =>
    as(id, "integer", `ids[${i}]`, { path: where, hint }),
  );
  const wrong = ids.findIndex((id) => id < 0 || id >= 2 ** 32);
  if (wrong < 0) return ids;
  throw new UsageError("E_ARG_TOKEN_ID", `${where}: ids[${wrong}]`, {
    expected: "an id from 0 to 2^32 - 1",
    actual: `${ids[wrong]!}`,
    hint,
  });
}

/** The ids in a file that holds a JSON array of them. Throws as `readJsonFile` and `idsFromJson`. */
export async function readIds(path: string): Promise<Uint32Array> {
  return Uint32Array.from(idsFromJson(await readJsonFile(path), inputName(path)));
}

/**
 * Runs `use`; an error of it that names no file is then said to be about `where`: any, or those of `codes` alone where
 * `use` may fail for other reasons too.
 */
export async function about<R>(where: string, use: () => R | Promise<R>, codes?: readonly string[]): Promise<R> {
  try {
    return await use();
  } catch (error) {
    const ours = error instanceof QwqError && codes?.includes(error.code) !== false;
    throw ours ? inFile(error, where) : error;
  }
}
