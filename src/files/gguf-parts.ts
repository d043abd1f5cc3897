/**
 * A GGUF model in one file or in several: NAME-00001-of-00003.gguf and its fellows, as llama.cpp's gguf-split and gguf-py
 * write them. Any part may be named; the others lie beside it. The first has the metadata, each has tensors of its own
 * (the first perhaps none), and each says which part of how many it is.
 *
 *   split.no             this part, from 0; one less than in its name
 *   split.count          all parts
 *   split.tensors.count  the tensors of all parts together
 *
 * source   llama.cpp: gguf-split.cpp, llama_split_path, llama_model_loader (which wants the first part to be named);
 *          gguf-py: GGUFWriter.add_shard_kv_data
 */
import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { FormatError, LimitError } from "../errors.ts";
import { type Gguf, readGguf } from "./gguf.ts";
import { InputFile } from "./input.ts";
import { namesIn, openInside } from "./paths.ts";
import { quote } from "../json/quote.ts";

/** Open files and what their headers say together. Whoever opened them closes the files. */
export interface GgufParts {
  readonly files: readonly InputFile[];
  /** The first part's header, with the tensors of all parts. */
  readonly gguf: Gguf;
}

const NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;
const MOST_PARTS = 4096;
const AGAIN = "The download is incomplete or mixed up; get the model again.";

/**
 * Opens the file, and every other part of the model if it is one of several.
 *
 * throws   as InputFile, `readGguf` and `openInside` do; FormatError E_IDX_NUMBERING (a part whose name does not say what
 *          its metadata say), E_IDX_SHARD_MISSING, E_IDX_SHARD_DUP (two names of one file), E_IDX_MIXED (metadata of
 *          another model), E_IDX_TENSOR_DUP, E_IDX_TENSOR_COUNT, E_IDX_SCHEMA (no number where one is due); LimitError
 *          E_LIMIT_SHARDS. Nothing stays open then.
 */
export function openGgufParts(path: string): GgufParts {
  const files = [new InputFile(path)];
  try {
    const named = readGguf(files[0]!);
    const count = number(named, "split.count", 1);
    if (count <= 1) return { files, gguf: named };
    const names = partNames(named, count);
    const parts = names.map((name) => {
      if (name === basename(path)) return named;
      const file = openInside(dirname(path), name);
      const same = files.find(({ identity }) => identity === file.identity);
      files.push(file);
      if (same !== undefined)
        throw bad("E_IDX_SHARD_DUP", file.path, "a file of its own", `the same one as ${same.path}`);
      return readGguf(file);
    });
    parts.forEach((part, no) => checkPart(part, no, parts[0]!));
    return { files, gguf: { ...parts[0]!, tensors: joined(parts) } };
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
}

/** The names of all parts, which must lie beside the one that was named. */
function partNames(named: Gguf, count: number): string[] {
  const { path } = named;
  if (count > MOST_PARTS) {
    const details = { path, expected: `at most ${MOST_PARTS} parts`, actual: `${count} ("split.count")` };
    throw new LimitError("E_LIMIT_SHARDS", path, details);
  }
  const [, prefix] = NAME.exec(basename(path)) ?? [];
  const name = (no: number) => `${prefix ?? "NAME"}-${digits(no + 1)}-of-${digits(count)}.gguf`;
  const due = name(number(named, "split.no"));
  if (basename(path) !== due) {
    const hint = "Parts are found by their names; give the file its own name back.";
    throw bad("E_IDX_NUMBERING", path, `the name ${quote(due)}, by its metadata`, quote(basename(path)), hint);
  }
  const names = Array.from({ length: count }, (_, no) => name(no));
  const there = namesIn(dirname(path));
  const missing = names.filter((one) => !there.has(one));
  if (missing.length === 0) return names;
  const shown = missing.slice(0, 10).map(quote).join(", ");
  const more = missing.length > 10 ? ` and ${missing.length - 10} more` : "";
  throw bad("E_IDX_SHARD_MISSING", path, `all ${count} parts beside it`, `no ${shown}${more}`);
}

/** Part `no` must say that it is that, of as many parts and tensors as the first says, and nothing that the first denies. */
function checkPart(part: Gguf, no: number, first: Gguf): void {
  const { path } = part;
  const found = number(part, "split.no");
  if (found !== no) throw bad("E_IDX_NUMBERING", path, `"split.no" to be ${no}, by its name`, `${found}`);
  for (const [key, value] of part.metadata) {
    if (key === "split.no" || key === "general.alignment") continue;
    const wanted = first.metadata.get(key);
    if (wanted === undefined || isDeepStrictEqual(value.value, wanted.value)) continue;
    throw bad("E_IDX_MIXED", path, `the first part's ${quote(key)}`, "another: it is a part of another model");
  }
  const [count, wanted] = [number(part, "split.count"), number(first, "split.count")];
  if (count !== wanted) throw bad("E_IDX_NUMBERING", path, `"split.count" to be ${wanted}`, `${count}`);
}

function joined(parts: readonly Gguf[]): Gguf["tensors"] {
  const tensors = parts.flatMap((part) => part.tensors);
  const found = new Map<string, string>();
  for (const { name, path } of tensors) {
    const other = found.get(name);
    if (other !== undefined) throw bad("E_IDX_TENSOR_DUP", path, `${quote(name)} in one part`, `it in ${other} too`);
    found.set(name, path);
  }
  const first = parts[0]!;
  const due = number(first, "split.tensors.count");
  if (due === tensors.length) return tensors;
  throw bad("E_IDX_TENSOR_COUNT", first.path, `${due} tensors in all parts`, `${tensors.length}`);
}

/** A whole number of the metadata. */
function number(part: Gguf, key: string, otherwise?: number): number {
  const value = part.metadata.get(key)?.value ?? otherwise;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw bad(
    "E_IDX_SCHEMA",
    part.path,
    `${quote(key)} to be a number from 0`,
    value === undefined ? "nothing" : String(value),
  );
}

function digits(number: number): string {
  return String(number).padStart(5, "0");
}

function bad(code: string, path: string, expected: string, actual: string, hint = AGAIN): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint });
}
