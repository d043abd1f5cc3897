/**
 * The weights of a Hugging Face folder: one model.safetensors, or several shards and an index that says which tensor is
 * in which. What the index says and what the shards hold must be the same.
 */
import { join } from "node:path";
import { FormatError, IoError, LimitError } from "../errors.ts";
import type { InputFile } from "./input.ts";
import { as, field, optional } from "../json/fields.ts";
import { readJson } from "../json/json.ts";
import { namesIn, openInside, readInside } from "./paths.ts";
import { quote } from "../json/quote.ts";
import { readSafetensorsHeader } from "./safetensors.ts";
import type { TensorInfo } from "./source.ts";

/** What model.safetensors.index.json says. */
export interface ShardIndex {
  /** The name of each tensor's file. */
  readonly weightMap: ReadonlyMap<string, string>;
  /**
   * Bytes of all tensors, `metadata.total_size`. The index may lack it, and `metadata` with it: transformers fails on
   * such a one, but nothing is lost, since every shard's own header says how long the shard must be.
   */
  readonly totalBytes: number | undefined;
}

/** Open files and all tensors in them. Whoever opened them closes the files. */
export interface Shards {
  readonly files: readonly InputFile[];
  readonly tensors: readonly TensorInfo[];
  readonly warnings: readonly string[];
}

const SINGLE = "model.safetensors";
export const INDEX = "model.safetensors.index.json";
export const MOST_INDEX = 1 << 24;
const MOST_SHARDS = 4096;
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const SHARD_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}\.safetensors$/;
const NUMBERED = /^(.*)-(\d+)-of-(\d+)\.safetensors$/;
const AGAIN = "The download is incomplete or mixed up; get the model again.";

/**
 * Opens the weights of a folder and reads their headers.
 *
 * throws   FormatError E_IDX_AMBIGUOUS (one file and an index), E_FORMAT_UNSAFE (nothing but Python pickles), as
 *          `parseIndex`, `readSafetensorsHeader` and `openInside` do; E_IDX_SHARD_MISSING, E_IDX_SHARD_DUP,
 *          E_IDX_TENSOR_DUP, E_IDX_TENSOR_MISSING, E_IDX_TENSOR_UNLISTED, E_IDX_TOTAL_SIZE; IoError E_IO_OPEN
 */
export function openShards(folder: string): Shards {
  const names = namesIn(folder, "Give a folder that holds config.json and model.safetensors.");
  const path = join(folder, INDEX);
  if (!names.has(INDEX)) return openAll(folder, [single(folder, names)], []);
  if (names.has(SINGLE)) {
    throw bad("E_IDX_AMBIGUOUS", path, "an index or one file", "both", `Remove the one that is not wanted.`);
  }
  const index = parseIndex(readInside(folder, INDEX, MOST_INDEX, "E_LIMIT_INDEX"), path);
  const wanted = [...new Set(index.weightMap.values())].sort();
  const missing = wanted.filter((name) => !names.has(name));
  if (missing.length > 0)
    throw bad("E_IDX_SHARD_MISSING", path, "every shard that it names", `no ${some(missing)}`, AGAIN);
  const shards = openAll(folder, wanted, extra(path, names, wanted));
  try {
    checkIndex(index, shards.tensors, path, folder);
    return shards;
  } catch (error) {
    for (const file of shards.files) file.close();
    throw error;
  }
}

/**
 * Reads an index.
 *
 * throws   FormatError E_JSON_*, E_IDX_SCHEMA, E_PATH_ESCAPE (a shard's name that is more than a name), E_IDX_NUMBERING
 *          (1-of-14 where not all 14 are there); LimitError E_LIMIT_SHARDS
 */
export function parseIndex(json: Uint8Array, path: string): ShardIndex {
  const place = { path, code: "E_IDX_SCHEMA" };
  const document = as(readJson(json, path), "object", "", place);
  const weightMap = new Map<string, string>();
  for (const [tensor, value] of field(document, "weight_map", "object", place)) {
    const name = as(value, "string", tensor, { ...place, inside: "weight_map" });
    if (!SHARD_NAME.test(name)) {
      const code = PLAIN_NAME.test(name) ? "E_IDX_SCHEMA" : "E_PATH_ESCAPE";
      throw bad(
        code,
        path,
        "the name of a .safetensors file in the same folder",
        quote(name),
        "Do not trust this model.",
      );
    }
    weightMap.set(tensor, name);
  }
  const names = new Set(weightMap.values());
  if (names.size === 0) throw bad("E_IDX_SCHEMA", path, '"weight_map" to name a tensor', "none", AGAIN);
  if (names.size > MOST_SHARDS) {
    throw new LimitError("E_LIMIT_SHARDS", path, {
      path,
      expected: `at most ${MOST_SHARDS} shards`,
      actual: `${names.size}`,
    });
  }
  checkNumbering(names, path);
  const metadata = optional(document, "metadata", "object", place);
  const total = { ...place, inside: "metadata" };
  return { weightMap, totalBytes: metadata && optional(metadata, "total_size", "number", total) };
}

/** Numbers, where shards have them, run from 1 to the total that each of them names. */
function checkNumbering(names: ReadonlySet<string>, path: string): void {
  const numbered = [...names].map((name) => NUMBERED.exec(name)).filter((match) => match !== null);
  if (numbered.length === 0) return;
  const [, prefix, , total] = numbered[0]!;
  const numbers = new Set(numbered.map((match) => Number(match[2])));
  const fit = numbered.every((match) => match[1] === prefix && match[3] === total && Number(match[2]) <= Number(total));
  if (fit && !numbers.has(0) && numbers.size === Number(total) && names.size === numbered.length) return;
  throw bad("E_IDX_NUMBERING", path, "shards numbered from 1 to their total", some([...names].sort()), AGAIN);
}

function checkIndex(index: ShardIndex, tensors: readonly TensorInfo[], path: string, folder: string): void {
  const { weightMap, totalBytes } = index;
  const found = new Map<string, string>();
  for (const { name, path: shard } of tensors) {
    const other = found.get(name);
    if (other !== undefined)
      throw bad("E_IDX_TENSOR_DUP", shard, `${quote(name)} in one shard`, `it in ${other} too`, AGAIN);
    found.set(name, shard);
  }
  const missing = [...weightMap]
    .filter(([name, shard]) => found.get(name) !== join(folder, shard))
    .map(([name]) => name);
  if (missing.length > 0) {
    throw bad("E_IDX_TENSOR_MISSING", path, "tensors in the shards that it names", `no ${some(missing)} there`, AGAIN);
  }
  const unlisted = [...found.keys()].filter((name) => !weightMap.has(name));
  if (unlisted.length > 0) {
    throw bad("E_IDX_TENSOR_UNLISTED", path, "every tensor of its shards", `not ${some(unlisted)}`, AGAIN);
  }
  const sum = tensors.reduce((total, { bytes }) => total + bytes, 0);
  if (totalBytes === undefined || totalBytes === sum) return;
  throw bad("E_IDX_TOTAL_SIZE", path, `"total_size" to be the tensors' ${sum} bytes`, `${totalBytes}`, AGAIN);
}

function openAll(folder: string, names: readonly string[], warnings: readonly string[]): Shards {
  const files: InputFile[] = [];
  const tensors: TensorInfo[] = [];
  const seen = new Map<string, string>();
  try {
    for (const name of names) {
      const file = openInside(folder, name);
      files.push(file);
      const other = seen.get(file.identity);
      if (other !== undefined)
        throw bad("E_IDX_SHARD_DUP", file.path, "a file of its own", `the same one as ${other}`, AGAIN);
      seen.set(file.identity, name);
      for (const tensor of readSafetensorsHeader(file).tensors) tensors.push(tensor);
    }
    return { files, tensors, warnings };
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
}

/** The name of the one file with weights, where there is no index. */
function single(folder: string, names: ReadonlySet<string>): string {
  if (names.has(SINGLE)) return SINGLE;
  const pickles = [...names].filter((name) => /\.(?:bin|pt|pth|pkl|ckpt)$/.test(name)).sort();
  if (pickles.length > 0) {
    const hint = "Such a file can run programs and is never opened; convert the model to safetensors.";
    throw bad("E_FORMAT_UNSAFE", folder, SINGLE, some(pickles), hint);
  }
  throw new IoError("E_IO_OPEN", folder, {
    path: folder,
    expected: `${SINGLE} or ${INDEX}`,
    actual: "neither",
    hint: "Is this the model's folder, and the download complete?",
  });
}

/** Shards that lie in the folder although the index does not name them. */
function extra(path: string, names: ReadonlySet<string>, wanted: readonly string[]): string[] {
  const others = [...names].filter((name) => NUMBERED.test(name) && !wanted.includes(name)).sort();
  return others.length === 0
    ? []
    : [`${path}: W_SHARD_EXTRA: the folder also holds ${some(others)}, which it does not name.`];
}

/** Up to ten names, and how many more there are. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(quote).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

function bad(code: string, path: string, expected: string, actual: string, hint: string): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint });
}
