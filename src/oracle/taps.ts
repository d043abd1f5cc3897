/**
 * The activations of a run, by name: `0.qr` is layer 0's queries after RoPE; with `embed`, `norm` and `logits`.
 */
import type { Config } from "../config.ts";
import { type Activations, hidden } from "../model.ts";
import type { CacheFormat, Ops } from "../ops.ts";
import { host, type Host, type Tensor } from "../tensor.ts";
import type { Weights } from "../weights.ts";

/** The axes of each of a layer's taps, in the order in which the page computes them. */
export const LAYER_TAPS = {
  n1: "T C",
  q: "T HD",
  k: "T KD",
  v: "T KD",
  qr: "T HD",
  kr: "T KD",
  a: "T HD",
  o: "T C",
  mid: "T C",
  n2: "T C",
  gate: "T F",
  up: "T F",
  act: "T F",
  down: "T C",
  out: "T C",
} as const satisfies Record<keyof Activations, string>;

/** The axes of the taps around the layers. */
export const MODEL_TAPS = { embed: "T C", norm: "T C", logits: "T V" } as const;

/** One recorded activation: rows of tokens, from the first. */
export interface Tap {
  readonly name: string;
  readonly dims: string;
  readonly data: Host<string>;
}

/** The names of all taps of a model, in the order in which they are computed. */
export function tapNames(layers: number): string[] {
  const inner = Array.from({ length: layers }, (_, l) => Object.keys(LAYER_TAPS).map((name) => `${l}.${name}`));
  return ["embed", ...inner.flat(), "norm", "logits"];
}

/** What to record, and how the prompt is fed. */
export interface RecordOptions {
  /** Feeds the prompt so many tokens at a time; all at once unless told. */
  readonly chunk?: number | undefined;
  /** How keys and values are kept; as they are computed unless told. */
  readonly kv?: CacheFormat | undefined;
  /** Which taps to keep; all unless told. */
  readonly want?: (name: string) => boolean;
  /** What is kept of a tap's rows, as they come; all columns unless told. */
  readonly shrink?: (name: string, rows: Host<string>) => Host<string>;
  /** Told after each layer: tokens times layers done so far. */
  readonly onLayer?: (done: number) => void;
}

/** Runs the page over `ids` and keeps the taps that are wanted, in the order in which they are computed. */
export async function recordTaps(
  ops: Ops,
  w: Weights,
  config: Config,
  ids: Uint32Array,
  { chunk = ids.length, kv, want = () => true, shrink = (_, rows) => rows, onLayer = () => {} }: RecordOptions = {},
): Promise<Tap[]> {
  const parts = new Map<string, (Host<string> | Promise<Host<string>>)[]>();
  const keep = (name: string, x: Tensor<string>) => {
    if (!want(name)) return;
    const rows = ops.download(x);
    const kept = rows instanceof Promise ? rows.then((part) => shrink(name, part)) : shrink(name, rows);
    parts.set(name, [...(parts.get(name) ?? []), kept]);
  };
  const caches = ops.cache(config, ids.length, kv);
  const feedPart = (from: number) => {
    const part = ids.subarray(from, from + chunk);
    if (want("embed")) keep("embed", ops.embed(w.E, part) as Tensor<string>);
    const n = hidden(ops, w, part, caches, (l, acts) => {
      for (const name of Object.keys(LAYER_TAPS) as (keyof Activations)[])
        keep(`${l}.${name}`, acts[name] as Tensor<string>);
      onLayer(from * config.layers + (l + 1) * part.length);
    });
    keep("norm", n as Tensor<string>);
    if (want("logits")) keep("logits", ops.linear(n, w.U) as Tensor<string>);
  };
  for (let from = 0; from < ids.length; from += chunk) ops.scope(() => feedPart(from));
  const names = tapNames(config.layers).filter((name) => parts.has(name));
  return Promise.all(
    names.map(async (name) => ({ name, dims: dimsOf(name), data: joined(await Promise.all(parts.get(name)!)) })),
  );
}

/** The axes of a tap by its name. */
export function dimsOf(name: string): string {
  const short = name.slice(name.indexOf(".") + 1);
  return { ...LAYER_TAPS, ...MODEL_TAPS }[short as keyof typeof LAYER_TAPS | keyof typeof MODEL_TAPS];
}

function joined(parts: readonly Host<string>[]): Host<string> {
  const width = parts[0]!.shape[1]!;
  const data = new Float32Array(parts.reduce((size, part) => size + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return host([data.length / width, width], data);
}
