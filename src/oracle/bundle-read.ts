/**
 * Reading bundles, our own and other engines': every field is checked before a value is believed.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { FormatError, IoError } from "../errors.ts";
import type { InputFile } from "../files/input.ts";
import { as, describe, field, optional } from "../json/fields.ts";
import { type Json, type JsonObject, readJson } from "../json/json.ts";
import { examine, namesIn, openInside, readInside } from "../files/paths.ts";
import { quote } from "../json/quote.ts";
import { readSafetensorsHeader } from "../files/safetensors.ts";
import type { TensorInfo } from "../files/source.ts";
import { FORMATS } from "../quant/index.ts";
import { host, type Host } from "../tensor.ts";
import { BUNDLE_FORMAT, type Manifest, type ModelIdentity, type TapEntry, type TapStats } from "./bundle.ts";
import { NOISE_FILE, type Noise, readNoise } from "./noise-file.ts";
import { LAYER_TAPS, MODEL_TAPS } from "./taps.ts";

const MOST_MANIFEST = 2 ** 28;
const DTYPES = ["F32", "F16", "BF16"] as const;
const HINT = "Write the bundle again.";

/**
 * Opens a bundle: its manifest, and the headers of its files, which must hold what the manifest says.
 *
 * throws   IoError E_IO_OPEN; LimitError E_LIMIT_MANIFEST; FormatError E_JSON_*, E_ST_*, E_BUNDLE_FORMAT (another kind
 *          of file, or a later version), E_BUNDLE_FIELD, E_BUNDLE_TAP (a tap's name, rows or shape), E_BUNDLE_FILE (a
 *          tensor that is not there, or is another); nothing stays open then
 */
export function openBundle(path: string): Bundle {
  const at = join(path, "manifest.json");
  const bytes = manifestOf(path);
  const manifest = readManifest(readJson(bytes, at), at);
  const files: InputFile[] = [];
  try {
    return new Bundle(path, manifest, findTensors(path, manifest, files), files, noiseIn(path));
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
}

/** The manifest's bytes. What is there but has none is no bundle. */
function manifestOf(path: string): Uint8Array {
  try {
    return readInside(path, "manifest.json", MOST_MANIFEST, "E_LIMIT_MANIFEST");
  } catch (cause) {
    if (!(cause instanceof IoError) || cause.code !== "E_IO_OPEN" || examine(path) === undefined) throw cause;
    const { actual } = cause;
    const hint = "qwq oracle record and qwq oracle import write bundles.";
    throw new IoError("E_IO_OPEN", path, { path, expected: "a bundle, a folder with manifest.json", actual, hint });
  }
}

/** An open bundle. */
export class Bundle {
  readonly path: string;
  readonly manifest: Manifest;
  /** The noise measured with it, of a reference. */
  readonly noise: Noise | undefined;
  private readonly entries: ReadonlyMap<string, TapEntry>;
  private readonly tensors: ReadonlyMap<TapEntry, TensorInfo>;
  private readonly files: readonly InputFile[];

  constructor(
    path: string,
    manifest: Manifest,
    tensors: ReadonlyMap<TapEntry, TensorInfo>,
    files: readonly InputFile[],
    noise: Noise | undefined,
  ) {
    this.path = path;
    this.noise = noise;
    this.manifest = manifest;
    this.entries = new Map(manifest.taps.map((entry) => [entry.name, entry]));
    this.tensors = tensors;
    this.files = files;
  }

  /** What the manifest says of a tap, if the bundle has it. */
  entry(name: string): TapEntry | undefined {
    return this.entries.get(name);
  }

  /**
   * A tap's values, [rows, columns], widened to float32; `undefined` if the bundle has no such tap.
   *
   * throws   FormatError E_BUNDLE_HASH if its bytes are not those that were written; as InputFile's `read`
   */
  read(name: string): Host<string> | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    const info = this.tensors.get(entry)!;
    const bytes = this.files.find((file) => file.path === info.path)!.read(info.offset, info.bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (sha256 !== entry.sha256) {
      throw bad("E_BUNDLE_HASH", info.path, `${name} with sha256 ${entry.sha256}`, sha256);
    }
    const values = new Float32Array(entry.shape[0] * entry.shape[1]);
    FORMATS.get(entry.dtype)!.widen(bytes, 0, values.length, values, 0);
    return host(entry.shape, values);
  }

  /** Closes the files; again is no error. */
  close(): void {
    for (const file of this.files) file.close();
  }
}

/** Throws FormatError E_JSON_*, E_BUNDLE_NOISE. */
function noiseIn(path: string): Noise | undefined {
  if (!namesIn(path).has(NOISE_FILE)) return undefined;
  const bytes = readInside(path, NOISE_FILE, MOST_MANIFEST, "E_LIMIT_MANIFEST");
  return readNoise(readJson(bytes, join(path, NOISE_FILE)), join(path, NOISE_FILE));
}

/** The tensor of each tap; the files are opened into `files`. */
function findTensors(path: string, { taps }: Manifest, files: InputFile[]): Map<TapEntry, TensorInfo> {
  const byFile = new Map<string, Map<string, TensorInfo>>();
  for (const name of new Set(taps.map(({ file }) => file))) {
    const file = openInside(path, name);
    files.push(file);
    byFile.set(name, new Map(readSafetensorsHeader(file).tensors.map((info) => [info.name, info])));
  }
  return new Map(
    taps.map((entry) => {
      const info = byFile.get(entry.file)!.get(entry.key);
      const [rows, columns] = entry.shape;
      const same = info?.format === entry.dtype && info.shape.join() === entry.shape.join();
      if (info !== undefined && same) return [entry, info];
      const actual = info === undefined ? "none" : `[${info.shape.join(" ")}] of ${info.format}`;
      const expected = `a tensor ${quote(entry.key)} of ${entry.dtype} [${rows} ${columns}]`;
      throw bad("E_BUNDLE_FILE", join(path, entry.file), expected, actual);
    }),
  );
}

function readManifest(json: Json, path: string): Manifest {
  const place = { path, code: "E_BUNDLE_FIELD", hint: HINT };
  const fields = as(json, "object", "", place);
  const format = fields.get("format");
  if (format !== BUNDLE_FORMAT)
    throw bad("E_BUNDLE_FORMAT", path, `"format" to be "${BUNDLE_FORMAT}"`, describe(format));
  const role = field(fields, "role", "string", place);
  if (role !== "reference" && role !== "candidate") {
    throw bad("E_BUNDLE_FIELD", path, '"role" to be "reference" or "candidate"', quote(role));
  }
  const taps = field(fields, "taps", "array", place).map((tap, i) => readTap(tap, `taps[${i}]`, path));
  const names = new Set(taps.map(({ name }) => name));
  if (names.size !== taps.length) throw bad("E_BUNDLE_TAP", path, "each tap once", `${names.size} of ${taps.length}`);
  return {
    format: BUNDLE_FORMAT,
    role,
    engine: optional(fields, "engine", "string", place),
    model: readIdentity(optional(fields, "model", "object", place) ?? new Map<string, Json>(), path),
    producer: strings(optional(fields, "producer", "object", place) ?? new Map<string, Json>()),
    policy: field(fields, "policy", "string", place),
    kv_dtype: optional(fields, "kv_dtype", "string", place),
    weights_dtype: optional(fields, "weights_dtype", "string", place),
    input: readInput(field(fields, "input", "object", place), path),
    sketch: readSketch(optional(fields, "sketch", "object", place), path),
    taps,
  };
}

function readIdentity(fields: JsonObject, path: string): ModelIdentity {
  const place = { path, code: "E_BUNDLE_FIELD", inside: "model", hint: HINT };
  const text = (key: keyof ModelIdentity) => optional(fields, key, "string", place);
  return {
    id: text("id"),
    revision: text("revision"),
    config_sha256: text("config_sha256"),
    tokenizer_sha256: text("tokenizer_sha256"),
    template_sha256: text("template_sha256"),
  };
}

function readInput(fields: JsonObject, path: string): Manifest["input"] {
  const place = { path, code: "E_BUNDLE_FIELD", inside: "input", hint: HINT };
  const ids = whole(field(fields, "ids", "array", place), "ids", path);
  return { ids, text: optional(fields, "text", "string", place) };
}

function readSketch(fields: JsonObject | undefined, path: string): Manifest["sketch"] {
  if (fields === undefined) return undefined;
  const place = { path, code: "E_BUNDLE_FIELD", inside: "sketch", hint: HINT };
  return {
    kind: field(fields, "kind", "string", place),
    k: field(fields, "k", "integer", place),
    generator: field(fields, "generator", "string", place),
    seed: field(fields, "seed", "integer", place),
  };
}

/** What a producer says of itself is for people: whatever is no text is passed over. */
function strings(fields: JsonObject): Record<string, string> {
  return Object.fromEntries([...fields].filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function readTap(json: Json, inside: string, path: string): TapEntry {
  const place = { path, code: "E_BUNDLE_TAP", inside, hint: HINT };
  const fields = as(json, "object", "", place);
  const name = field(fields, "name", "string", place);
  if (!isTap(name)) throw bad("E_BUNDLE_TAP", path, `the name of a tap, such as "0.qr" or "logits"`, quote(name));
  const rows = whole(field(fields, "rows", "array", place), `${inside}.rows`, path);
  const shape = whole(field(fields, "shape", "array", place), `${inside}.shape`, path);
  const [count, columns] = shape;
  if (shape.length !== 2 || count !== rows.length || columns === undefined || !ascending(rows)) {
    const actual = `shape [${shape.join(" ")}] and ${rows.length} rows`;
    throw bad("E_BUNDLE_TAP", path, `${name} to have a row for each of its ascending positions`, actual);
  }
  const dtype = DTYPES.find((known) => known === fields.get("dtype"));
  if (dtype === undefined)
    throw bad("E_BUNDLE_TAP", path, `${name} in ${DTYPES.join(", ")}`, describe(fields.get("dtype")));
  return {
    name,
    dims: field(fields, "dims", "string", place),
    shape: [count, columns],
    dtype,
    rows,
    file: field(fields, "file", "string", place),
    key: field(fields, "key", "string", place),
    sha256: field(fields, "sha256", "string", place),
    stats: readStats(optional(fields, "stats", "object", place), inside, path),
    width: optional(fields, "width", "integer", place),
  };
}

function readStats(fields: JsonObject | undefined, inside: string, path: string): TapStats | undefined {
  if (fields === undefined) return undefined;
  const place = { path, code: "E_BUNDLE_TAP", inside: `${inside}.stats`, hint: HINT };
  return {
    absmax: field(fields, "absmax", "number", place),
    rms: field(fields, "rms", "number", place),
    nonfinite: field(fields, "nonfinite", "integer", place),
  };
}

function isTap(name: string): boolean {
  const [, short] = /^(?:0|[1-9]\d{0,3})\.(\w+)$/.exec(name) ?? [];
  return short === undefined ? Object.hasOwn(MODEL_TAPS, name) : Object.hasOwn(LAYER_TAPS, short);
}

function whole(values: readonly Json[], name: string, path: string): number[] {
  return values.map((value, i) => {
    const n = as(value, "integer", `${name}[${i}]`, { path, code: "E_BUNDLE_FIELD", hint: HINT });
    if (n >= 0) return n;
    throw bad("E_BUNDLE_FIELD", path, `"${name}[${i}]" to be an integer from 0`, `${n}`);
  });
}

function ascending(rows: readonly number[]): boolean {
  return rows.every((row, i) => i === 0 || row > rows[i - 1]!);
}

function bad(code: string, path: string, expected: string, actual: string): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint: HINT });
}
