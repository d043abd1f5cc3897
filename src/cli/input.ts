/** What commands read beside models: a file by its name, or standard input for "-". */
import { type FormatError, IoError, LimitError, QwqError, UsageError } from "../errors.ts";
import { errorCode, InputFile } from "../files/input.ts";
import { as } from "../files/json-fields.ts";
import { type Json, readJson } from "../files/json.ts";
import { decodeUtf8 } from "../files/utf8.ts";

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
    throw new IoError("E_IO_READ", "stdin", { expected: "bytes that can be read", actual: errorCode(cause), cause });
  }
}

/**
 * All of its bytes.
 *
 * throws   as InputFile; IoError E_IO_READ of stdin; LimitError E_LIMIT_INPUT above 256 MiB
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces(path)) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw tooLong(inputName(path), "a file");
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

/** Its text as it stands, the last newline too. Throws as `readBytes`, and FormatError E_TEXT_UTF8, E_TEXT_BOM. */
export async function readText(path: string): Promise<string> {
  return decodeUtf8(await readBytes(path), inputName(path), "E_TEXT");
}

/** The JSON document in it. Throws as `readBytes` and `readJson`. */
export async function readJsonFile(path: string): Promise<Json> {
  return readJson(await readBytes(path), inputName(path));
}

/**
 * The JSON documents in it, one on each line, as they come: a file larger than memory is no matter.
 *
 * throws   as `readBytes` and `readJson`, with the number of the line; an empty line holds no document
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
 * throws   FormatError E_JSON_FIELD for what is no such array; UsageError E_ARG_TOKEN_ID for a negative id
 */
export function idsFromJson(json: Json, where: string): number[] {
  const hint = "Give ids as qwq tokenize prints them: [1,2,3].";
  const ids = as(json, "array", "", { path: where, hint }).map((id, i) =>
    as(id, "integer", `ids[${i}]`, { path: where, hint }),
  );
  const negative = ids.findIndex((id) => id < 0);
  if (negative < 0) return ids;
  throw new UsageError("E_ARG_TOKEN_ID", `${where}: ids[${negative}]`, {
    expected: "an id from 0",
    actual: `${ids[negative]!}`,
    hint,
  });
}

/** Runs `use`; an error of it that names no file is then said to be about `where`. */
export async function about<R>(where: string, use: () => R | Promise<R>): Promise<R> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof QwqError) || error.path !== undefined || error.where.startsWith(where)) throw error;
    const Kind = error.constructor as typeof FormatError; // every class of the family is made alike
    throw new Kind(error.code, error.where, {
      path: where,
      tensor: error.tensor,
      offset: error.offset,
      expected: error.expected,
      actual: error.actual,
      hint: error.hint,
      cause: error.cause,
    });
  }
}
