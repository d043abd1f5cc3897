/**
 * What a recording takes, before it is made: taps, bytes, memory, reads and products.
 */
import type { Config } from "../config.ts";
import { UsageError } from "../errors.ts";
import { expectedWeights, LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, type Naming, sizes } from "../files/names.ts";
import { parts } from "./graph.ts";
import { POLICIES, policyOf, runsOf } from "./numbers/policies.ts";
import { type Selection, selectTaps } from "./select.ts";
import { SKETCH_WIDTH } from "./sketch.ts";
import { dimsOf, LAYER_TAPS } from "./taps.ts";

/** What is to be recorded. */
export interface PlanOptions extends Selection {
  readonly tokens: number;
  /** Policies whose noise is measured with it, and whether from clean inputs too; see noise.ts. */
  readonly policies: readonly string[];
  readonly local: boolean;
  /** How the checkpoint names its tensors; as Hugging Face unless told. */
  readonly naming?: Naming | undefined;
  /** The bytes of one of them; those of bfloat16 unless told. */
  readonly bytesOf?: ((name: string) => number | undefined) | undefined;
}

/** One tap as it will be stored. */
export interface PlannedTap {
  readonly name: string;
  readonly rows: number;
  /** Numbers stored of each row, and of the activation itself. */
  readonly columns: number;
  readonly width: number;
  readonly bytes: number;
}

/** What a recording takes: what `qwq oracle plan --json` prints. */
export interface RecordingPlan {
  readonly schema: "oracle-plan/1";
  readonly tokens: number;
  readonly tier: Selection["tier"];
  readonly layers: number;
  readonly taps: readonly PlannedTap[];
  /** On disk: values exactly; headers, manifest and noise.json within a twentieth. */
  readonly bundle: {
    readonly values: number;
    readonly headers: number;
    readonly noise: number;
    readonly total: number;
  };
  /** Policies measured, runs that this takes beside the recording, and the layers that have to be run. */
  readonly noise: { readonly policies: readonly string[]; readonly runs: number };
  readonly runLayers: number;
  readonly weights: {
    /** Bytes that have to be there, and those that are read in all: once a run. */
    readonly needed: number;
    readonly read: number;
    /** Of one layer: what `replay --layers K` and `diagnose --layer K` read; and of the largest matrix. */
    readonly layer: number;
  };
  /** Products of a weight and an activation. */
  readonly products: number;
  /** The most that is held at once, part by part. */
  readonly memory: {
    readonly program: number;
    readonly taps: number;
    readonly activations: number;
    readonly vectors: number;
    readonly total: number;
  };
}

/** Node with this package, and a tokenizer of Qwen's size. */
const PROGRAM_BYTES = 250e6;
const SHA = "0".repeat(64);
/** A number as JSON has it: most need 17 digits. */
const NUMBER = 0.1234567890123456;
/** A number of noise.json, "2.14e-8," or "0.000412,". */
const NOISE_NUMBER = 8.5;

/**
 * Plans a recording of a model of this config.
 *
 * throws   UsageError E_ARG_LAYERS, E_ARG_TAPS, E_ARG_POLICY; E_ARG_CONTEXT for more tokens than the model takes
 */
export function planRecording(config: Config, options: PlanOptions): RecordingPlan {
  const { tokens, tier, policies } = options;
  checkTokens(tokens, config);
  const taps = selectTaps(options, config.layers).map((name) => plannedTap(name, tier, tokens, config));
  const runs = noiseRuns(policies);
  const reach = reachOf(taps, config);
  const weights = weightsOf(config, options, reach);
  const values = sum(taps.map(({ bytes }) => bytes));
  const headers = headerBytes(taps, tokens);
  const noise = noiseBytes(taps, options);
  const times = 1 + runs * (options.local ? 2 : 1);
  return {
    schema: "oracle-plan/1",
    tokens,
    tier,
    layers: config.layers,
    taps,
    bundle: { values, headers, noise, total: values + headers + noise },
    noise: { policies, runs },
    runLayers: reach.layers,
    weights: { needed: weights.needed, read: weights.needed * times, layer: weights.layer },
    products: tokens * weights.products * times,
    memory: memoryOf(config, options, values, runs),
  };
}

/** The policies of `--noise`, and whether noise from clean inputs is measured too. */
export function noiseOf(choice: "all" | "usual" | "none"): { policies: readonly string[]; local: boolean } {
  if (choice === "none") return { policies: [], local: false };
  const usual = choice === "usual";
  return { policies: usual ? ["f32", "bf16-hf-eager", "f16-hf-eager"] : [...POLICIES.keys()], local: !usual };
}

function checkTokens(tokens: number, { context }: Config): void {
  if (tokens >= 1 && tokens <= context) return;
  throw new UsageError("E_ARG_CONTEXT", "oracle plan", {
    expected: `1 to ${context} tokens`,
    actual: `${tokens}`,
    hint: "Shorten the prompt.",
  });
}

function plannedTap(name: string, tier: Selection["tier"], rows: number, config: Config): PlannedTap {
  const axis = dimsOf(name).split(" ")[1] as "C" | "F" | "V" | "HD" | "KD";
  const width = sizes(config)[axis];
  const columns = tier === "sketch" ? SKETCH_WIDTH : width;
  return { name, rows, columns, width, bytes: 4 * rows * columns };
}

/** Runs that measuring the noise of these policies takes: the truth, and every way of every policy. */
export function noiseRuns(policies: readonly string[]): number {
  return policies.length === 0 ? 0 : 1 + sum(policies.map((name) => runsOf(policyOf(name)).length));
}

/** Taps are computed on demand: layers behind the last one that is wanted are not. */
function reachOf(taps: readonly PlannedTap[], { layers }: Config): { layers: number; logits: boolean } {
  const last = taps.reduce((most, { name }) => {
    const { layer, short } = parts(name);
    return Math.max(most, short === "norm" || short === "logits" ? layers : (layer ?? -1) + 1);
  }, 0);
  return { layers: last, logits: taps.some(({ name }) => name === "logits") };
}

function weightsOf(config: Config, options: PlanOptions, reach: { layers: number; logits: boolean }) {
  const { naming = "safetensors", bytesOf } = options;
  const shapes = new Map(expectedWeights(config, naming).map(({ name, shape }) => [name, shape]));
  const count = (name: string) => (shapes.get(name) ?? [0]).reduce((product, n) => product * n, 1);
  const size = (name: string) => (shapes.has(name) ? (bytesOf?.(name) ?? 2 * count(name)) : 0);
  const layer = (l: number) => LAYER_WEIGHTS.map((row) => layerName(row, l, naming));
  const names = Array.from({ length: reach.layers }, (_, l) => layer(l)).flat();
  const outer = (ours: string) => MODEL_WEIGHTS.find((row) => row.ours === ours)![naming];
  const head = reach.logits ? [outer(config.tied ? "E" : "U")] : [];
  const row = (size(outer("E")) / config.vocabulary) * options.tokens;
  const matrices = [...names, ...head].filter((name) => (shapes.get(name)?.length ?? 0) > 1);
  return {
    needed: Math.ceil(sum([...names, ...head].map(size)) + row),
    layer: Math.max(...Array.from({ length: config.layers }, (_, l) => sum(layer(l).map(size)))),
    products: sum(matrices.map(count)),
  };
}

/** The manifest as it will be, with numbers of the usual length; and the header of the values' file. */
function headerBytes(taps: readonly PlannedTap[], tokens: number): number {
  const rows = Array.from({ length: tokens }, (_, t) => t);
  const stats = { absmax: NUMBER * 100, rms: NUMBER, nonfinite: 0 };
  const entries = taps.map(({ name, columns, width }) => {
    const shape = [tokens, columns];
    const file = "taps-00001.safetensors";
    const both = { name, dims: "T sketch", shape, dtype: "F32", rows, file, key: name, sha256: SHA, stats };
    const offsets = `"${name}":{"dtype":"F32","shape":[${shape.join(",")}],"data_offsets":[1000000,1000000]},`;
    return JSON.stringify(columns === width ? both : { ...both, width }).length + 4 + offsets.length;
  });
  return 900 + 6 * tokens + sum(entries);
}

function noiseBytes(taps: readonly PlannedTap[], { tokens, policies, local }: PlanOptions): number {
  return (
    policies.length * sum(taps.map(({ name }) => (local ? 2 : 1) * (18 + NOISE_NUMBER * tokens) + name.length + 8))
  );
}

/**
 * A layer's activations are in float64, those of products twice (before the bias and after); a noise measurement has
 * every run's beside each other. Taps are held twice while they are put together.
 */
function memoryOf(config: Config, { tokens, local }: PlanOptions, values: number, runs: number) {
  const size = sizes(config);
  const widthOf = (dims: string) => size[dims.split(" ")[1] as keyof typeof size];
  const layer = sum(Object.values(LAYER_TAPS).map(widthOf)) + 2 * size.C + size.HD + 2 * size.KD + 2 * size.F;
  const each = 8 * tokens * (layer + 2 * size.V);
  const caches = 8 * tokens * 2 * size.KD * config.layers;
  const activations = each * Math.max(2, runs * (local ? 2 : 1)) + caches;
  const vectors =
    4 * sum(expectedWeights(config, "safetensors").map(({ shape: [n = 0, m] }) => (m === undefined ? n : 0)));
  const all = { program: PROGRAM_BYTES, taps: 2 * values, activations, vectors };
  return { ...all, total: sum(Object.values(all)) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
