/** Engines to be judged: bundles of Hugging Face's recorded values, and of the reference with a bug in one layer. */
import { join } from "node:path";
import type { Rope } from "../../src/config.ts";
import { block } from "../../src/model.ts";
import type { Ops } from "../../src/ops.ts";
import { type BundleHead, type BundleTap, writeBundle } from "../../src/oracle/bundle.ts";
import { dimsOf, tapNames } from "../../src/oracle/taps.ts";
import { reference } from "../../src/reference/index.ts";
import { host, type Host, type Tensor } from "../../src/tensor.ts";
import type { Layer, Weights } from "../../src/weights.ts";
import { temporaryFolder } from "./folder.ts";
import { golden } from "./golden.ts";
import { model } from "./models.ts";

/** [T, width] by tap. */
export type Values = ReadonlyMap<string, Host<string>>;

/** What an engine does otherwise in one layer. */
export interface Bug {
  readonly ops?: (W: Layer, page: Ops) => Partial<Ops>;
  readonly W?: (W: Layer) => Layer;
  readonly rope?: (R: Rope) => Rope;
  readonly eps?: number;
  readonly end?: (weights: Weights) => Partial<Weights>;
}

/** Runs the reference with a bug in one layer, and with what else it does in every one. */
export function run(name: string, layer: number, bug: Bug, everywhere: Bug = {}): Values {
  const { weights, config, ids } = model(name);
  const values = new Map<string, Host<string>>();
  const keep = (tap: string, x: Tensor<string>) => values.set(tap, x as Host<string>);
  let x = reference.embed(weights.E, ids) as Tensor<"T C">;
  keep("embed", x as never);
  const caches = reference.cache(config, ids.length);
  for (const [l, W] of weights.layers()) {
    const here = l === layer ? bug : {};
    const own = everywhere.W?.(W) ?? W;
    const w = here.W?.(own) ?? own;
    const page = { ...reference, ...everywhere.ops?.(w, reference) };
    const ops = { ...page, ...here.ops?.(w, page) };
    const acts = block(ops, w, x, caches[l]!, here.rope?.(weights.rope) ?? weights.rope, here.eps ?? weights.eps);
    for (const [short, value] of Object.entries(acts)) keep(`${l}.${short}`, value as never);
    x = acts.out;
  }
  const { g, U, eps } = { g: weights.g, U: weights.U, eps: weights.eps, ...bug.end?.(weights) };
  const n = reference.rmsNorm(x, g, eps);
  keep("norm", n as never);
  keep("logits", reference.linear(n, U) as never);
  return values;
}

/** Hugging Face's own values of a golden model. */
export function recorded(name: string, column: "f32" | "bf16" = "f32"): Values {
  const file = golden(`model/${name}.${column}`);
  const names = tapNames(model(name).config.layers).filter((tap) => file.has(tap));
  return new Map(names.map((tap) => [tap, host(file.shape(tap), Float32Array.from(file.values(tap)))]));
}

export interface BundleOptions extends Partial<BundleHead> {
  /** Which taps are given; all unless told. */
  readonly want?: (name: string) => boolean;
  /** Which positions are given; all unless told. */
  readonly rows?: readonly number[];
}

/** Writes them as a candidate's bundle. */
export function bundleOf(
  name: string,
  values: Values,
  { want = () => true, rows, ...head }: BundleOptions = {},
): string {
  const { ids } = model(name);
  const path = join(temporaryFolder(), "candidate.oracle");
  const taps = [...values]
    .filter(([tap]) => want(tap))
    .map(([tap, value]) => tapOf(tap, value, rows ?? [...ids.keys()]));
  const whole: BundleHead = {
    role: "candidate",
    engine: "a test",
    model: {},
    producer: {},
    policy: "f32",
    input: { ids: [...ids] },
    ...head,
  };
  writeBundle(path, whole, taps);
  return path;
}

function tapOf(name: string, { shape, data }: Host<string>, rows: readonly number[]): BundleTap {
  const width = shape[1]!;
  const kept = new Float32Array(rows.length * width);
  rows.forEach((row, i) => kept.set(data.subarray(row * width, (row + 1) * width), i * width));
  const finite = kept.filter((x) => Number.isFinite(x));
  const stats = {
    absmax: finite.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    rms: 0,
    nonfinite: kept.length - finite.length,
  };
  return { name, dims: dimsOf(name), data: host([rows.length, width], kept), rows, stats };
}
