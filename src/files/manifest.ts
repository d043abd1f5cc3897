/**
 * model.manifest.json: which bytes a model's files and tensors had when they were last known to be right.
 *
 *   {"format": "qwq-manifest/1", "producer": {"qwq", "node"},
 *    "files":   {NAME: {"bytes", "sha256", "header"?: {"bytes", "sha256"}}, ...},
 *    "tensors": {NAME: {"file", "dtype", "shape", "crc32"}, ...}}
 *
 * A file's sha256 is the one that Hugging Face and git-LFS call its oid. `header` is the part of a file of weights before
 * its tensors, a few kilobytes: it and the sizes are compared whenever the model is opened. A folder's manifest lies in
 * it; that of a GGUF file beside it, under its name with .manifest.json added (of a model in parts, the first part's).
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { FormatError } from "../errors.ts";
import { as, field, optional, type Place } from "../json/fields.ts";
import { type JsonObject, readJson } from "../json/json.ts";
import { quote } from "../json/quote.ts";
import { InputFile, readWhole } from "./input.ts";
import type { Located } from "./locate.ts";
import { examine } from "./paths.ts";

export const MANIFEST_FORMAT = "qwq-manifest/1";

/** How many of a file's first bytes are meant, and their sha256 in hex. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

export interface FileEntry extends Digest {
  readonly header?: Digest | undefined;
}

export interface TensorEntry {
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of its bytes, eight hexadecimal digits, as zlib computes it. */
  readonly crc32: string;
}

export interface Manifest {
  readonly producer: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

const MOST_MANIFEST = 2 ** 26;
const NAME = /^[^/\\:\0]{1,255}$/;

/** Where a model's manifest lies, if it has one. `first` is the first of its files with weights. */
export function manifestPath({ kind, path }: Located, first: string): string {
  return kind === "gguf" ? join(dirname(path), `${basename(first)}.manifest.json`) : join(path, "model.manifest.json");
}

/** The folder in which a model's files lie. */
export function folderOf({ kind, path }: Located): string {
  return kind === "gguf" ? dirname(path) : path;
}

/**
 * Reads a manifest.
 *
 * throws   FormatError E_JSON_*, E_MANIFEST_SCHEMA; LimitError E_LIMIT_MANIFEST; as InputFile
 */
export function readManifest(path: string): Manifest {
  const place = { path, code: "E_MANIFEST_SCHEMA" };
  const bytes = readWhole(path, MOST_MANIFEST, "E_LIMIT_MANIFEST");
  const document = as(readJson(bytes, path, { values: 2_000_000 }), "object", "", place);
  const format = field(document, "format", "string", place);
  if (format !== MANIFEST_FORMAT) throw bad(path, `"format" to be "${MANIFEST_FORMAT}"`, quote(format));
  const producer = [...field(document, "producer", "object", place)];
  const files = [...field(document, "files", "object", place)];
  const tensors = [...field(document, "tensors", "object", place)];
  return {
    producer: new Map(producer.map(([name, value]) => [name, as(value, "string", name, place)])),
    files: new Map(files.map(([name, value]) => [name, fileEntry(name, as(value, "object", name, place), place)])),
    tensors: new Map(
      tensors.map(([name, value]) => [name, tensorEntry(name, as(value, "object", name, place), place)]),
    ),
  };
}

function fileEntry(name: string, entry: JsonObject, place: Place): FileEntry {
  if (!NAME.test(name) || name === "." || name === "..") throw bad(place.path, "names of files", quote(name));
  const header = optional(entry, "header", "object", { ...place, inside: name });
  return {
    ...digest(name, entry, place),
    header: header === undefined ? undefined : digest(`${name}.header`, header, place),
  };
}

function digest(name: string, entry: JsonObject, place: Place): Digest {
  const at = { ...place, inside: name };
  const bytes = field(entry, "bytes", "integer", at);
  const sha256 = field(entry, "sha256", "string", at);
  if (bytes >= 0 && /^[0-9a-f]{64}$/.test(sha256)) return { bytes, sha256 };
  throw bad(place.path, `a size and a sha256 of ${quote(name)}`, `${bytes} and ${quote(sha256)}`);
}

function tensorEntry(name: string, entry: JsonObject, place: Place): TensorEntry {
  const at = { ...place, inside: name };
  const crc32 = field(entry, "crc32", "string", at);
  if (!/^[0-9a-f]{8}$/.test(crc32)) throw bad(place.path, `a crc32 of ${quote(name)}`, quote(crc32));
  return {
    file: field(entry, "file", "string", at),
    dtype: field(entry, "dtype", "string", at),
    shape: field(entry, "shape", "array", at).map((size) => as(size, "integer", "shape", at)),
    crc32,
  };
}

function bad(path: string, expected: string, actual: string): FormatError {
  const hint = "Write it anew (qwq verify --write MODEL) if the model is known to be right.";
  return new FormatError("E_MANIFEST_SCHEMA", path, { path, expected, actual, hint });
}

/** As it is written: one line a file, one a tensor, so that two can be compared by eye. */
export function manifestText({ producer, files, tensors }: Manifest): string {
  const lines = (entries: ReadonlyMap<string, object>) =>
    [...entries].map(([name, entry]) => `  ${JSON.stringify(name)}: ${JSON.stringify(entry)}`).join(",\n");
  const head = `"format": "${MANIFEST_FORMAT}",\n"producer": ${JSON.stringify(Object.fromEntries(producer))}`;
  return `{\n${head},\n"files": {\n${lines(files)}\n},\n"tensors": {\n${lines(tensors)}\n}\n}\n`;
}

/**
 * If the model has a manifest: throws FormatError E_HASH where a file that it names is gone, has another size, or (of a
 * file of weights) another header. The bytes of the tensors are not read. Throws as `readManifest` does.
 */
export function checkAgainstManifest(model: Located, weights: readonly InputFile[]): void {
  const path = manifestPath(model, weights[0]!.path);
  if (examine(path) === undefined) return;
  const { files } = readManifest(path);
  const folder = folderOf(model);
  for (const [name, { bytes, header }] of files) {
    const at = join(folder, name);
    const actual = examine(at)?.size;
    if (actual !== bytes)
      throw differs(at, `${bytes} bytes, as ${path} says`, actual === undefined ? "no such file" : `${actual}`);
    const file = weights.find((open) => basename(open.path) === name);
    if (file === undefined || header === undefined) continue;
    const sha256 = createHash("sha256")
      .update(file.read(0, Math.min(header.bytes, bytes)))
      .digest("hex");
    if (sha256 !== header.sha256) throw differs(at, `a header with the sha256 in ${path}`, `another, ${sha256}`);
  }
  const other = weights.find((file) => !files.has(basename(file.path)));
  if (other !== undefined) throw differs(other.path, `a file that ${path} names`, "one that it does not");
}

/** A model that is not the one its manifest tells of. */
export function differs(path: string, expected: string, actual: string, tensor?: string): FormatError {
  return new FormatError("E_HASH", path, {
    path,
    tensor,
    expected,
    actual,
    hint: "Get the file again; or, if it was changed on purpose, run: qwq verify --write MODEL.",
  });
}
