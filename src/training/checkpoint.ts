/**
 * A training that was put aside: one file that holds everything it is, written whole or not at all. A training that goes on
 * from it makes the same bits as one that was never stopped.
 *
 * layout   safetensors: parameters.<name>, mean.<name> and square.<name>, F32, by the names of parameters.ts; as metadata the
 *          strings of `Place`, the number of updates, and the sha256 of all that
 */
import { createHash } from "node:crypto";
import { FormatError, UsageError } from "../errors.ts";
import { readWhole } from "../files/input.ts";
import { LAYER_WEIGHTS } from "../files/names.ts";
import { writeSafetensors } from "../files/safetensors-write.ts";
import { headerLength, parseHeader, parseSafetensors, type TensorBytes } from "../files/safetensors.ts";
import { host } from "../tensor.ts";
import type { LearnerState } from "./learner.ts";
import { type LayerParameters, named, type Parameters } from "./parameters.ts";

/** Which training it is, and where it stands. All of chance comes from `seed`, stage and step, so there is nothing more. */
export interface Place {
  /** The settings as JSON. */
  readonly settings: string;
  readonly seed: string;
  readonly stage: string;
  /** Steps of the stage that are done. */
  readonly step: number;
  /** The log so far: a JSON object a line. */
  readonly log: string;
}

/** A place, and the learner as it was there. */
export interface Checkpoint extends Place {
  readonly state: LearnerState;
}

const FORMAT = "qwq-training/1";
const PARTS = ["parameters", "mean", "square"] as const;
/** Many times what a model that is trained here takes. */
const MOST_BYTES = 2 ** 31;

/** Writes it. Throws IoError E_OUT_WRITE; the file is then as it was before. */
export function writeCheckpoint(path: string, { state, ...place }: Checkpoint): void {
  const tensors = new Map<string, TensorBytes>();
  for (const part of PARTS) {
    for (const [name, { shape, data }] of named(state[part])) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      tensors.set(`${part}.${name}`, { dtype: "F32", shape, bytes });
    }
  }
  const strings = { ...place, step: `${place.step}`, updates: `${state.step}`, format: FORMAT };
  const metadata = new Map(Object.entries(strings));
  metadata.set("sha256", digest(metadata, tensors));
  writeSafetensors(path, tensors, metadata);
}

/**
 * Reads it.
 *
 * throws   IoError E_IO_OPEN where there is none; FormatError E_TRAIN_CHECKPOINT for another file, or one that is damaged;
 *          as safetensors.ts says
 */
export function readCheckpoint(path: string): Checkpoint {
  const file = readWhole(path, MOST_BYTES, "E_LIMIT_CHECKPOINT");
  const length = headerLength(file, file.length, path);
  const metadata = new Map(parseHeader(file.subarray(8, 8 + length), file.length, path).metadata);
  const tensors = parseSafetensors(file, path);
  if (metadata.get("format") !== FORMAT) throw bad(path, FORMAT, metadata.get("format") ?? "another file");
  const sha256 = metadata.get("sha256");
  metadata.delete("sha256");
  if (sha256 !== digest(metadata, tensors))
    throw bad(path, "the sha256 that the file says it has", "another: it is damaged");
  const text = (key: string) => metadata.get(key)!;
  const [parameters, mean, square] = PARTS.map((part) => readPart(tensors, part));
  const state = { parameters: parameters!, mean: mean!, square: square!, step: Number(text("updates")) };
  const [settings, seed, stage, log] = ["settings", "seed", "stage", "log"].map(text);
  return { settings: settings!, seed: seed!, stage: stage!, step: Number(text("step")), log: log!, state };
}

/**
 * Refuses to go on from a checkpoint as another training: it would be neither the one nor the other.
 *
 * throws   UsageError E_TRAIN_SETTINGS with what differs
 */
export function checkSame(path: string, was: Place, now: Pick<Place, "settings" | "seed">): void {
  const different = difference(was, now);
  if (different === undefined) return;
  const [what, expected, actual] = different;
  throw new UsageError("E_TRAIN_SETTINGS", path, {
    path,
    expected: `to go on with ${what} ${expected}`,
    actual,
    hint: "Give what the training was begun with, or begin another in a new folder.",
  });
}

/** What differs first, and how it was and is: the seed, or a setting by its names. */
function difference(was: Place, now: Pick<Place, "settings" | "seed">): readonly [string, string, string] | undefined {
  if (was.seed !== now.seed) return ["--seed", was.seed, now.seed];
  const [before, after] = [was.settings, now.settings].map((text) => new Map(leaves(JSON.parse(text), "")));
  for (const name of new Set([...before!.keys(), ...after!.keys()])) {
    const [expected, actual] = [before!.get(name) ?? "absent", after!.get(name) ?? "absent"];
    if (expected !== actual) return [name, expected, actual];
  }
  return undefined;
}

function* leaves(value: unknown, name: string): Generator<readonly [string, string]> {
  if (typeof value !== "object" || value === null) return yield [name, JSON.stringify(value)];
  for (const [key, inner] of Object.entries(value)) yield* leaves(inner, name === "" ? key : `${name}.${key}`);
}

/** Of the strings and the tensors, by name; so nothing of the file can change unseen. */
function digest(metadata: ReadonlyMap<string, string>, tensors: ReadonlyMap<string, TensorBytes>): string {
  const hash = createHash("sha256");
  for (const [key, value] of [...metadata].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(JSON.stringify([key, value]));
  for (const [name, { shape, bytes }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape]));
    hash.update(bytes);
  }
  return hash.digest("hex");
}

/** Parameters from the tensors whose names begin so. The digest says that they are those that were written. */
function readPart(tensors: ReadonlyMap<string, TensorBytes>, part: string): Parameters {
  const all = new Map<string, unknown>();
  for (const [name, { shape, bytes }] of tensors) {
    if (!name.startsWith(`${part}.`)) continue;
    all.set(name.slice(part.length + 1), host(shape, new Float32Array(new Uint8Array(bytes).buffer)));
  }
  const layers: LayerParameters[] = [];
  for (let l = 0; all.has(`${l}.g1`); l++) {
    const of = (name: string) => all.get(`${l}.${name}`);
    layers.push(Object.fromEntries(LAYER_WEIGHTS.map(({ ours }) => [ours, of(ours)])) as unknown as LayerParameters);
  }
  return { E: all.get("E"), layers, g: all.get("g"), U: all.get("U") ?? all.get("E") } as Parameters;
}

function bad(path: string, expected: string, actual: string): FormatError {
  const hint = "Go on from another checkpoint, or begin again.";
  return new FormatError("E_TRAIN_CHECKPOINT", path, { path, expected, actual, hint });
}
