/** Norm, rotary position, gate and sum under a rounding policy, with what can be wrong about them as settings. */
import type { Rope } from "../../config.ts";
import { ShapeError } from "../../errors.ts";
import { power } from "../../reference/elementary.ts";
import { frequencies } from "../../reference/frequencies.ts";
import { F64 } from "./formats.ts";
import { erf, exp, sigmoid, sinCos, tanh } from "./math.ts";
import { dotOf, type Order } from "./orders.ts";
import type { Run } from "./policies.ts";
import { Rows } from "./rows.ts";

const { fround } = Math;

export interface NormSettings {
  /** Whether the mean is taken off first, as LayerNorm does. */
  readonly centred: boolean;
}

/** n = x / rms(x) * g; Hugging Face rounds x / rms before it multiplies. */
export function normed(x: Rows, g: Float32Array, eps: number, run: Run, settings: NormSettings): Rows {
  const [T, C] = x.shape;
  if (g.length !== C) throw widths(x, g.length);
  const { policy, order } = run;
  const inner = policy.work.round;
  const { round } = policy.store;
  const step = policy.normOnce ? F64.round : policy.steps.round;
  const gain = g.map(policy.weights.round);
  const dot = dotOf(order);
  return new Rows(T, C, (rows, n) => {
    const data = x.need(rows);
    for (const t of rows) {
      const row = data.slice(t * C, (t + 1) * C);
      if (settings.centred) {
        const mean = row.reduce((sum, value) => sum + value, 0) / C;
        row.forEach((value, c) => (row[c] = value - mean));
      }
      const scale = inner(1 / Math.sqrt(inner(inner(dot(row, 0, row, 0, 1, C) / C) + eps)));
      for (let c = 0; c < C; c++) {
        n[t * C + c] = round(step(inner(row[c]! * scale)) * gain[c]!);
      }
    }
  });
}

export interface RopeSettings {
  /** What turns together: d and d + D/2, or the neighbours 2d and 2d + 1. */
  readonly pairs: "halves" | "neighbours";
  /** Added to every position. */
  readonly offset: number;
  /** The factor on cosine and sine; that of YaRN unless told. */
  readonly attention?: number | undefined;
}

export const ROPE: RopeSettings = { pairs: "halves", offset: 0 };

/** Each pair turns by its position times its frequency. Angle, cosine and sine are float32's in every policy. */
export function rotated(x: Rows, pos: number, R: Rope, run: Run, settings: RopeSettings): Rows {
  const [T, width] = x.shape;
  const { D } = R;
  if (D % 2 !== 0 || width % D !== 0) throw widths(x, D);
  const { store, steps } = run.policy;
  const angle = angles(R, run.order);
  const attention = settings.attention ?? frequencies(R).attention;
  const [next, apart] = settings.pairs === "halves" ? [1, D / 2] : [2, 1];
  return new Rows(T, width, (rows, y) => {
    const data = x.need(rows);
    for (const t of rows) {
      for (let d = 0; d < D / 2; d++) {
        const [sine, cosine] = sinCos(angle(pos + t + settings.offset, d));
        const cos = steps.round(fround(fround(cosine) * attention));
        const sin = steps.round(fround(fround(sine) * attention));
        for (let i = t * width + d * next; i < (t + 1) * width; i += D) {
          const [a, b] = [data[i]!, data[i + apart]!];
          y[i] = store.round(steps.round(a * cos) - steps.round(b * sin));
          y[i + apart] = store.round(steps.round(b * cos) + steps.round(a * sin));
        }
      }
    }
  });
}

/** The angle of pair d at a position: as Hugging Face rounds it, or as other engines do. */
function angles(R: Rope, order: Order): (position: number, d: number) => number {
  const { f } = frequencies(R);
  if (order === "chunked") return (position, d) => position * f[d]!; // in float64
  if (order !== "pairwise") return (position, d) => fround(position * f[d]!);
  // As llama.cpp: each frequency is the one before times theta^(-2/D).
  const step = fround(power(R.theta, -2 / R.D));
  return (position, d) => {
    let made = 1;
    for (let i = 0; i < d; i++) made = fround(made * step);
    const exact = power(R.theta, (-2 * d) / R.D);
    return fround(position * fround((f[d]! / exact) * made));
  };
}

/** The activation functions by name; silu is Qwen2's. */
export const ACTIVATIONS = {
  silu: (x: number) => x / (1 + exp(-x)),
  gelu: (x: number) => (x / 2) * (1 + erf(x * Math.SQRT1_2)),
  "gelu-tanh": (x: number) => (x / 2) * (1 + tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  "gelu-quick": (x: number) => x * sigmoid(1.702 * x),
} as const;

export interface GateSettings {
  readonly activation: keyof typeof ACTIVATIONS;
  /** Whether the activation is on `up` in place of `gate`. */
  readonly swapped: boolean;
}

export const GATE: GateSettings = { activation: "silu", swapped: false };

/** h = silu(g) * u. A sigmoid with an error of its own has all of it, upwards and downwards in turn. */
export function gated(gate: Rows, up: Rows, { policy }: Run, settings: GateSettings): Rows {
  const [T, F] = gate.shape;
  const { store, steps } = policy;
  const f = ACTIVATIONS[settings.activation];
  const off = settings.activation === "silu" ? policy.sigmoidError : 0; // silu is g sigmoid(g)
  return new Rows(T, F, (rows, h) => {
    let [g, u] = [gate.need(rows), up.need(rows)];
    if (settings.swapped) [g, u] = [u, g];
    for (const t of rows) {
      for (let i = t * F; i < (t + 1) * F; i++) {
        const activated = off === 0 ? f(g[i]!) : f(g[i]!) + (i % 2 === 0 ? off : -off) * g[i]!;
        h[i] = store.round(steps.round(activated) * u[i]!);
      }
    }
  });
}

/** z = x + y, in the format of the residual stream. */
export function added(x: Rows, y: Rows, { policy }: Run): Rows {
  const [T, C] = x.shape;
  if (y.shape[1] !== C || y.shape[0] !== T) throw widths(y, C);
  const { round } = policy.residual;
  return new Rows(T, C, (rows, z) => {
    const [a, b] = [x.need(rows), y.need(rows)];
    for (const t of rows) for (let i = t * C; i < (t + 1) * C; i++) z[i] = round(a[i]! + b[i]!);
  });
}

function widths({ shape }: Rows, width: number): ShapeError {
  return new ShapeError("E_SHAPE", "oracle", {
    expected: `rows of ${width}`,
    actual: `[${shape.join(" ")}]`,
    hint: "Check the model's config against its tensors.",
  });
}
