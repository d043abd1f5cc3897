/**
 * A whole model on disk, in five shards with index, config and tokenizer, damaged in one to three places: opened, and a
 * token computed. An input is a list of changes, so that one of a few bytes stands for a folder of a megabyte.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../../src/files/checkpoint.ts";
import { parseSafetensors, type TensorBytes } from "../../../src/files/safetensors.ts";
import { distribution, QWQ_DEFAULTS } from "../../../src/generate/sampling.ts";
import { forward } from "../../../src/model.ts";
import { reference } from "../../../src/reference/index.ts";
import { unwrap } from "../../../src/reference/unwrap.ts";
import { Tokenizer } from "../../../src/text/tokenizer.ts";
import { configJson, type FolderOptions, writeFolder } from "../../support/small.ts";
import { readConfig } from "../../../src/files/config.ts";
import { overwrite, replace } from "../bytes.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

const TINY = join(import.meta.dirname, "../../../golden/model/tiny");
const COPIED = ["generation_config.json", "tokenizer.json", "tokenizer_config.json"];

/** One change of one file. Places are counted from its beginning, and those beyond its end are at its end. */
interface Change {
  readonly file: number;
  readonly at: number;
  readonly kind: "set" | "insert" | "remove" | "cut";
  readonly hex: string;
}

/** bfloat16 as float32: twice as many bytes, the same values. */
function doubled({ dtype, shape, bytes }: TensorBytes): TensorBytes {
  if (dtype !== "BF16") return { dtype, shape, bytes };
  const wide = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i += 2) wide.set(bytes.subarray(i, i + 2), 2 * i + 2);
  return { dtype: "F32", shape, bytes: wide };
}

/** The folder, made when the first case asks for it and gone with the process. */
interface Whole {
  readonly path: string;
  readonly names: readonly string[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

let made: Whole | undefined;

function whole(): Whole {
  if (made !== undefined) return made;
  const path = mkdtempSync(join(tmpdir(), "qwq-fuzz-"));
  process.once("exit", tidy);
  const { config } = readConfig(readFileSync(join(TINY, "config.json")), "config.json");
  const tensors = parseSafetensors(readFileSync(join(TINY, "model.safetensors")), "model.safetensors");
  const wide = new Map([...tensors].map(([name, tensor]) => [name, doubled(tensor)]));
  const options: FolderOptions = { shards: 5, tensors: wide, fields: configJson(config) };
  writeFolder(path, config, options);
  for (const name of COPIED) cpSync(join(TINY, name), join(path, name));
  const names = readdirSync(path).sort();
  made = { path, names, files: new Map(names.map((name) => [name, readFileSync(join(path, name))])) };
  return made;
}

/** Removes the folder; a test runner's process may end without saying so. */
export function tidy(): void {
  if (made !== undefined) rmSync(made.path, { recursive: true, force: true });
  made = undefined;
}

/** Where formats keep their lengths and names: at the beginning. */
const HEAD = 2048;
const HEX = [
  "00",
  "01",
  "20",
  "22",
  "2d",
  "7b",
  "ff",
  "ffffffff",
  "000000000000007f",
  "ffffffffffffffff",
  "0000c07f",
  "30",
];

function change(random: Random): Change {
  return {
    file: random.below(16),
    at: random.below(random.once(3) ? 2 ** 18 : random.once(2) ? 16 : HEAD),
    kind: random.pick(["set", "set", "set", "insert", "remove", "cut"]),
    hex: random.pick(HEX),
  };
}

function changed(bytes: Uint8Array, { at, kind, hex }: Change): Uint8Array {
  const piece = Buffer.from(hex, "hex");
  const place = Math.min(at, bytes.length);
  if (kind === "set") return overwrite(bytes, place, piece);
  if (kind === "insert") return replace(bytes, place, 0, piece);
  if (kind === "cut") return bytes.subarray(0, place);
  return replace(bytes, place, Math.min(piece.length, bytes.length - place), new Uint8Array(0));
}

/** Opens what lies there and computes a token, as the command does. */
function use(path: string): void {
  const checkpoint = openCheckpoint(path, { env: {} });
  try {
    const { vocabulary, config, weights } = checkpoint;
    if (vocabulary !== undefined) new Tokenizer(vocabulary, path).encode("The tide");
    const logits = unwrap(forward(reference, weights, Uint32Array.of(1), reference.cache(config, 1)), "logits");
    distribution(logits.data, [], QWQ_DEFAULTS);
  } finally {
    checkpoint.close();
  }
}

export const model: Target = {
  name: "model",
  extension: "json",
  seeds: [],
  structured: (random) =>
    Buffer.from(JSON.stringify(Array.from({ length: random.once(12) ? 0 : random.from(1, 3) }, () => change(random)))),
  read(bytes) {
    const { path, names, files } = whole();
    const changes = JSON.parse(Buffer.from(bytes).toString()) as readonly Change[];
    const touched = new Map<string, Uint8Array>();
    for (const one of changes) {
      const name = names[one.file % names.length]!;
      touched.set(name, changed(touched.get(name) ?? files.get(name)!, one));
    }
    try {
      for (const [name, damaged] of touched) writeFileSync(join(path, name), damaged);
      use(path);
    } finally {
      for (const name of touched.keys()) writeFileSync(join(path, name), files.get(name)!);
    }
  },
};
