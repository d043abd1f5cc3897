// %% [markdown]
// # 03 · RMSNorm: every token at the same length
//
// A transformer adds to one vector per token, layer after layer: the *residual stream*. Nothing keeps that vector short.
// In a real model some tokens grow a hundred times longer than others, and a few channels a thousand times larger than
// their neighbours. A matrix that must serve all of them wants inputs of one size. RMSNorm gives it that: each row is
// divided by its own *root mean square*, and then each channel is scaled by a number that was learnt, its *gain*.
//
// We take a row of the residual stream as a real model has it: SmolLM2, a trained model of 135 million weights, in the
// middle of its thirty layers, for the first token of a sentence. Hugging Face computed it; the repository keeps it.

// %%
import { bars, equal, golden, judge } from "qwq-ts/lesson";
import { reference } from "qwq-ts";

const real = golden("smollm2/taps.f32");
const stream = real.values("14.mid").subarray(0, 576);

// %% [markdown]
// ## The picture
//
// Above, the row as it comes; below, what RMSNorm makes of it. One channel holds nearly all of the length: such *massive
// activations* are in every model of this kind. After the norm the row has length $\sqrt C$, and the gains that were learnt
// have pressed the giant down.

// %%
const normed = real.values("14.n2").subarray(0, 576);
await bars(
  { "before: x": stream, "after: n": normed },
  "C",
  "One giant channel before the norm, all of one size after it",
  {
    apart: true,
  },
);

// %% [markdown]
// ## The equation
//
// $$ n_{c} = \frac{x_{c}}{\operatorname{rms}(x)} \, g_{c}, \qquad
//    \operatorname{rms}(x) = \sqrt{\tfrac1C \sum_{c} x_{c}^2 + \varepsilon} $$
//
// The sum runs over the $C$ channels of *one* token; no token sees another. $\varepsilon$ (in QwQ $10^{-5}$) matters for
// rows of next to nothing: without it a row of zeros would be divided by zero.
//
// LayerNorm, from which this comes, first takes the mean away. RMSNorm leaves it, saves a pass over the row and loses
// nothing that anybody could measure (Zhang and Sennrich, 2019).
//
// ## Twelve lines

// %%
function rmsNorm(x: ArrayLike<number>, g: ArrayLike<number>, eps: number): number[] {
  let squares = 0;
  for (let c = 0; c < g.length; c++) squares += x[c]! * x[c]!;
  const rms = Math.sqrt(squares / g.length + eps);
  return Array.from(g, (gain, c) => (x[c]! / rms) * gain);
}

// %% [markdown]
// ## A number to check by hand
//
// Take two channels, $x = (3, 4)$, gains of 1 and no $\varepsilon$. The squares are 9 and 16, their mean is 12.5, its root
// is 3.5355. So $n = (3/3.5355,\; 4/3.5355) = (0.8485,\; 1.1314)$. Its squares add up to 2, the number of channels: that is
// what "of one size" means.

// %%
rmsNorm([3, 4], [1, 1], 0).map((n) => n.toFixed(4));

// %% [markdown]
// ## Equal to `src`
//
// The library's own is [src/reference/rms-norm.ts](../src/reference/rms-norm.ts). It stores float32 and sums in float64, as
// every number in JavaScript is; so does ours, once its result is rounded. Both get the same row and the same gains: a case
// whose rows hold one outlier.

// %%
const cases = golden("ops/rms-norm");
const [x, g] = [cases.tensor<"T C">("outlier.x"), cases.tensor<"C">("outlier.g")];
const theirs = await reference.download(reference.rmsNorm(x, g, 1e-5));
equal("ours is src's", Float32Array.from(rmsNorm(x.data, g.data, 1e-5)), theirs.data, { ulps: 1 });

// %% [markdown]
// One step of float32 is allowed, since `x / rms * g` and `x * (1 / rms) * g` round differently before the last rounding.
//
// ## Equal to Hugging Face
//
// `y` is what `Qwen2RMSNorm` of transformers gave for that row in float32; `y.f64` is an independent computation in
// float64, the truth. The truth we meet to one step. Hugging Face rounds `x / rms` to float32 before it multiplies by the
// gain, so that it is up to one step further from the truth, and from us up to two.

// %%
equal("src is the truth", theirs.data, cases.values("outlier.y.f64"), { ulps: 1 });
equal("src is Hugging Face", theirs.data, cases.values("outlier.y"), { ulps: 2 });

// %% [markdown]
// ## What it forgets, and what it keeps
//
// Multiply a row by a hundred: the result is the same (but for $\varepsilon$). The norm forgets how long a row was and keeps
// where it points. A layer that writes to a long row therefore changes little of what the next layer reads: late layers
// must shout. Here is the length that our real row had, and what became of it.

// %%
const rmsOf = (row: ArrayLike<number>) => Math.sqrt(Array.from(row).reduce((sum, v) => sum + v * v, 0) / row.length);
const ones = Array.from(stream, () => 1);
const lengths = [
  stream,
  rmsNorm(stream, ones, 1e-5),
  rmsNorm(
    stream.map((v) => v * 100),
    ones,
    1e-5,
  ),
];
lengths.map((row) => rmsOf(row).toFixed(3));

// %% [markdown]
// ## Exercises
//
// **1.** An engine reads $\varepsilon = 10^{-3}$ where the model has $10^{-5}$. The row is $(0.1, 0.1, 0.1, 0.1)$, its gains
// are 1. By what factor is the engine's result too small? Work it out on paper: three digits will do.

// %% tags=["exercise"]
const factor: number | undefined = undefined; // your answer, such as 0.875

// %%
judge<number>(
  factor,
  (f) => Math.abs(f - 0.954) < 0.001,
  "The mean square is 0.01; to it comes once 0.001 and once 0.00001.",
);

// %% [markdown]
// <details><summary>An answer</summary>
//
// $\sqrt{(0.01 + 0.00001)/(0.01 + 0.001)} = 0.954$: five per cent, in every layer, and no error message. The oracle's
// notebook (15) shows how such a bug is found from outside.
//
// ```ts
// const factor = Math.sqrt(0.01001 / 0.011);
// ```
//
// </details>
//
// **2.** Make it LayerNorm: take the mean of the row away before anything else. (With gains only, no bias.) The cell below
// it compares with RMSNorm of a row whose mean is zero already, where the two must agree.

// %% tags=["exercise"]
function layerNorm(x: number[], g: number[]): number[] | undefined {
  return undefined; // yours: one line may call rmsNorm
}

// %%
const agrees = (y: number[]) => y.every((v, c) => Math.abs(v - [-1, 1, -1, 1][c]!) < 1e-9);
judge(layerNorm([2, 6, 2, 6], [1, 1, 1, 1]), agrees, "The mean of 2, 6, 2, 6 is 4; what is left are -2, 2, -2, 2.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function layerNorm(x: number[], g: number[]): number[] | undefined {
//   const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
//   return rmsNorm(x.map((v) => v - mean), g, 0);
// }
// ```
//
// </details>
//
// Next: [04, linear and bias](04-linear.ipynb).
