/**
 * Bugs as an engine has them: written here anew, over the reference, and not with the mutants that must recognise them.
 */
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import { host, type Host, type Stored, type Tensor, zeros } from "../../src/tensor.ts";
import { frequencies } from "../../src/reference/frequencies.ts";
import type { Bug } from "./engine.ts";

export interface Planted {
  readonly name: string;
  readonly code: string;
  readonly first: string;
  readonly bug: Bug;
  /** The golden model; tiny unless told. */
  readonly model?: string;
}

const values = (x: Tensor<string>) => (x as Host<string>).data;
const made = <A extends string>(shape: readonly number[], data: ArrayLike<number>) =>
  host<A>(shape, Float32Array.from(data));

/** The n-th call of an operation in the block is another. */
function nth<K extends "rmsNorm" | "linear" | "rope" | "add">(op: K, calls: readonly number[], other: Ops[K]): Bug {
  return {
    ops: (_, page) => {
      let call = 0;
      const plain = page[op] as (...args: unknown[]) => unknown;
      const wrong = other as (...args: unknown[]) => unknown;
      return { [op]: (...args: unknown[]) => (calls.includes(call++) ? wrong(...args) : plain(...args)) };
    },
  };
}

function gainless(name: "g1" | "g2"): Bug {
  return { W: (W) => ({ ...W, [name]: made<"C">(W[name].shape, new Float32Array(W[name].shape[0]!).fill(1)) }) };
}

function without(...names: readonly ("bq" | "bk" | "bv")[]): Bug {
  return { W: (W) => ({ ...W, ...Object.fromEntries(names.map((name) => [name, undefined])) }) };
}

/** Attention in float64, with any rule of sight, scale and heads. */
function attending({
  sees = (s: number, t: number) => s <= t,
  scale = (D: number) => 1 / Math.sqrt(D),
  head = (h: number, H: number, K: number) => Math.floor(h / (H / K)),
  key = (s: number) => s,
  value = (s: number) => s,
  low = (x: number) => x,
}): Bug {
  return {
    ops: () => ({
      attention(q, keys, vs, D) {
        const [T = 0, HD = 0] = q.shape;
        const KD = keys.shape[1]!;
        const [Q, K, V] = [values(q as never), values(keys as never), values(vs as never)];
        const a = zeros<"T HD">(T, HD);
        const at = (x: Float32Array, s: number, c: number) => (s < 0 || s >= T ? 0 : x[s * KD + c]!);
        for (let t = 0; t < T; t++) {
          for (let h = 0; h < HD / D; h++) {
            const kh = head(h, HD / D, KD / D) * D;
            const seen = [...Array(T).keys()].filter((s) => sees(s, t));
            const score = seen.map((s) => {
              let sum = 0;
              for (let d = 0; d < D; d++) sum += Q[t * HD + h * D + d]! * at(K, key(s), kh + d);
              return low(sum * scale(D));
            });
            const most = Math.max(...score);
            const weight = score.map((x) => Math.exp(x - most));
            const total = weight.reduce((x, y) => x + y, 0);
            for (let d = 0; d < D; d++) {
              a.data[t * HD + h * D + d] = seen.reduce(
                (sum, s, i) => sum + low(weight[i]! / total) * at(V, value(s), kh + d),
                0,
              );
            }
          }
        }
        return a;
      },
    }),
  };
}

function turned(pairs: (d: number, D: number) => readonly [number, number], offset = 0, factor?: number): Ops["rope"] {
  return (x, pos, R) => {
    const { f, attention } = frequencies(R);
    const [T = 0, width = 0] = x.shape;
    const y = zeros<string>(T, width);
    const data = values(x as never);
    for (let t = 0; t < T; t++) {
      for (let start = t * width; start < (t + 1) * width; start += R.D) {
        for (let d = 0; d < R.D / 2; d++) {
          const [i, j] = pairs(d, R.D).map((k) => start + k) as [number, number];
          const angle = Math.fround((pos + t + offset) * f[d]!);
          const [cos, sin] = [Math.cos(angle) * (factor ?? attention), Math.sin(angle) * (factor ?? attention)];
          y.data[i] = data[i]! * cos - data[j]! * sin;
          y.data[j] = data[i]! * sin + data[j]! * cos;
        }
      }
    }
    return y as never;
  };
}

const halves = (d: number, D: number) => [d, d + D / 2] as const;
const both = [0, 1];

function gate(f: (g: number, u: number) => number): Bug {
  return {
    ops: () => ({
      swiglu: (g, u) =>
        made(
          g.shape,
          values(g as never).map((x, i) => f(x, values(u as never)[i]!)),
        ),
    }),
  };
}

function widened(W: Tensor<string>): Float32Array {
  const [rows = 0, columns = 0] = W.shape;
  const data = new Float32Array(rows * columns);
  (W as Stored<string>).widen(0, rows, data);
  return data;
}

function transposed(W: Tensor<never>): Tensor<never> {
  const [n = 0] = W.shape;
  const data = widened(W as never);
  return made<never>(
    [n, n],
    data.map((_, i) => data[(i % n) * n + Math.floor(i / n)]!),
  );
}

const bfloat = (x: number) => {
  const bits = new Uint32Array(Float32Array.of(x).buffer);
  bits[0] = ((bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) & 0xffff0000) >>> 0;
  return new Float32Array(bits.buffer)[0]!;
};

const normed =
  (centred: boolean): Ops["rmsNorm"] =>
  (x, g, eps) => {
    const C = g.shape[0]!;
    const data = values(x as never);
    const y = zeros<"T C">(...x.shape);
    for (let at = 0; at < data.length; at += C) {
      const row = Array.from(data.subarray(at, at + C));
      const mean = centred ? row.reduce((a, b) => a + b, 0) / C : 0;
      const scale = 1 / Math.sqrt(row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / C + eps);
      row.forEach((v, c) => (y.data[at + c] = (v - mean) * scale * values(g as never)[c]!));
    }
    return y;
  };

const towardsZero = (x: number) =>
  Math.abs(Math.fround(x)) > Math.abs(x) ? Math.fround(x) * (1 - 2 ** -24) : Math.fround(x);

export const PLANTED: readonly Planted[] = [
  {
    name: "rope-interleaved",
    code: "rope-interleaved",
    first: "qr",
    bug: nth(
      "rope",
      both,
      turned((d) => [2 * d, 2 * d + 1]),
    ),
  },
  { name: "rope-theta 10000", code: "rope-theta", first: "qr", bug: { rope: (R) => ({ ...R, theta: 1e4 }) } },
  { name: "rope-theta 700000", code: "rope-theta", first: "qr", bug: { rope: (R) => ({ ...R, theta: 7e5 }) } },
  { name: "rope-offset +1", code: "rope-offset", first: "qr", bug: nth("rope", both, turned(halves, 1)) },
  { name: "rope-offset -1", code: "rope-offset", first: "qr", bug: nth("rope", both, turned(halves, -1)) },
  { name: "rope-offset +17 of q", code: "rope-offset", first: "qr", bug: nth("rope", [0], turned(halves, 17)) },
  { name: "rope-missing", code: "rope-missing", first: "qr", bug: nth("rope", both, (x) => x) },
  {
    name: "yarn-missing",
    code: "yarn-missing",
    first: "qr",
    model: "yarn",
    bug: { rope: (R) => ({ ...R, yarn: undefined }) },
  },
  {
    name: "yarn-factor 1",
    code: "yarn-factor",
    first: "qr",
    model: "yarn",
    bug: nth("rope", both, turned(halves, 0, 1)),
  },
  {
    name: "yarn-factor 4",
    code: "yarn-factor",
    first: "qr",
    model: "yarn",
    bug: nth("rope", both, turned(halves, 0, 4)),
  },
  { name: "bias-q", code: "bias-q", first: "q", bug: without("bq") },
  { name: "bias-k", code: "bias-k", first: "k", bug: without("bk") },
  { name: "bias-v", code: "bias-v", first: "v", bug: without("bv") },
  { name: "bias-qkv", code: "bias-qkv", first: "q", bug: without("bq", "bk", "bv") },
  {
    name: "bias-o",
    code: "bias-o",
    first: "o",
    bug: nth("linear", [3], (x, W) =>
      reference.linear(
        x,
        W,
        made(
          [80],
          Array.from({ length: 80 }, (_, c) => Math.sin(c)),
        ) as never,
      ),
    ),
  },
  { name: "gqa-tile", code: "gqa-tile", first: "a", bug: attending({ head: (h, _, K) => h % K }) },
  { name: "eps 1e-6", code: "eps", first: "n1", bug: { eps: 1e-6 } },
  { name: "eps 1e-3", code: "eps", first: "n1", bug: { eps: 1e-3 } },
  {
    name: "eps 3e-5 in n2",
    code: "eps",
    first: "n2",
    bug: nth("rmsNorm", [1], (x, g) => reference.rmsNorm(x, g, 3e-5)),
  },
  { name: "gain-n1", code: "gain-n1", first: "n1", bug: gainless("g1") },
  { name: "gain-n2", code: "gain-n2", first: "n2", bug: gainless("g2") },
  {
    name: "gain-final",
    code: "gain-final",
    first: "norm",
    bug: { end: ({ g }) => ({ g: made<"C">(g.shape, new Float32Array(80).fill(1)) }) },
  },
  { name: "norm-mean", code: "norm-mean", first: "n1", bug: nth("rmsNorm", both, normed(true)) },
  { name: "norm-order, exchanged", code: "norm-order", first: "n1", bug: { W: (W) => ({ ...W, g1: W.g2, g2: W.g1 }) } },
  {
    name: "norm-order, after",
    code: "norm-order",
    first: "n1",
    bug: {
      ops: (W, page) => ({
        rmsNorm: (x) => x,
        add: nthAdd(page, (x, y, n) => page.add(x, page.rmsNorm(y as never, n === 0 ? W.g1 : W.g2, 1e-5) as never)),
      }),
    },
  },
  { name: "act-gelu", code: "act-gelu", first: "act", bug: gate((g, u) => (g / (1 + Math.exp(-1.702 * g))) * u) },
  { name: "act-swap", code: "act-swap", first: "act", bug: gate((g, u) => (u / (1 + Math.exp(-u))) * g) },
  {
    name: "act-swap, exchanged",
    code: "act-swap",
    first: "gate",
    bug: { W: (W) => ({ ...W, Wgate: W.Wup, Wup: W.Wgate }) },
  },
  { name: "scale-missing", code: "scale-missing", first: "a", bug: attending({ scale: () => 1 }) },
  { name: "scale-double", code: "scale-double", first: "a", bug: attending({ scale: (D) => 1 / D }) },
  { name: "mask-open, one", code: "mask-open", first: "a", bug: attending({ sees: (s, t) => s <= t + 1 }) },
  { name: "mask-open, all", code: "mask-open", first: "a", bug: attending({ sees: () => true }) },
  {
    name: "mask-strict",
    code: "mask-strict",
    first: "a",
    bug: attending({ sees: (s, t) => s < t || (t === 0 && s === 0) }),
  },
  { name: "cache-shift of keys", code: "cache-shift", first: "a", bug: attending({ key: (s) => s - 1 }) },
  { name: "cache-shift of values", code: "cache-shift", first: "a", bug: attending({ value: (s) => s - 1 }) },
  { name: "residual-attn", code: "residual-attn", first: "mid", bug: nth("add", [0], (_, y) => y as never) },
  { name: "residual-mlp", code: "residual-mlp", first: "out", bug: nth("add", [1], (_, y) => y as never) },
  {
    name: "round-truncate",
    code: "round-truncate",
    first: "act",
    bug: gate((g, u) => towardsZero((g / (1 + Math.exp(-g))) * u)),
  },
  {
    name: "weight-transposed, q",
    code: "weight-transposed",
    first: "q",
    bug: { W: (W) => ({ ...W, Wq: transposed(W.Wq as never) as never }) },
  },
  {
    name: "weight-transposed, o",
    code: "weight-transposed",
    first: "o",
    bug: { W: (W) => ({ ...W, Wo: transposed(W.Wo as never) as never }) },
  },
  { name: "softmax-low", code: "softmax-low", first: "a", bug: attending({ low: bfloat }) },
  {
    name: "dequant-offset",
    code: "dequant-offset",
    first: "up",
    bug: {
      W: (W) => {
        const data = widened(W.Wup as never);
        const C = W.Wup.shape[1]!;
        const step = (o: number) =>
          data.subarray(o * C, (o + 1) * C).reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
        return {
          ...W,
          Wup: made(
            W.Wup.shape,
            data.map((w, i) => w + step(Math.floor(i / C))),
          ),
        };
      },
    },
  },
  { name: "head-tied", code: "head-tied", first: "logits", bug: { end: ({ E }) => ({ U: E }) } },
];

function nthAdd(page: Ops, other: (x: Tensor<string>, y: Tensor<string>, n: number) => Tensor<string>): Ops["add"] {
  let n = 0;
  void page;
  return (x, y) => other(x as never, y as never, n++) as never;
}

/** Bugs of which no mutant knows. */
export const UNKNOWN: readonly Planted[] = [
  { name: "relu", code: "", first: "act", bug: gate((g, u) => Math.max(0, g) * u) },
  { name: "a window of 4", code: "", first: "a", bug: attending({ sees: (s, t) => s <= t && s > t - 4 }) },
  { name: "scale of a neighbour", code: "", first: "a", bug: attending({ scale: (D) => 1.3 / Math.sqrt(D) }) },
  {
    name: "rope backwards",
    code: "",
    first: "qr",
    bug: nth(
      "rope",
      both,
      turned((d, D) => [d + D / 2, d]),
    ),
  },
  {
    name: "the mlp halved",
    code: "",
    first: "out",
    bug: nth(
      "add",
      [1],
      (x, y) =>
        made(
          x.shape,
          values(x as never).map((v, i) => v + values(y as never)[i]! / 2),
        ) as never,
    ),
  },
];
