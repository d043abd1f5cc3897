// %% [markdown]
// # 04 · Linear and bias: nearly all the work there is
//
// Of QwQ's 32.8 billion weights, 31.2 billion stand in 448 matrices, seven a layer. For every token each of these weights is
// read once, multiplied once and added once. Everything else in the model together is less than one per cent. So to
// understand what a language model costs, and where its rounding comes from, look at one sum.
//
// The picture shows that sum for one output of one matrix: a case made to be hard.

// %%
import { reference } from "qwq-ts";
import { bars, equal, golden, judge } from "qwq-ts/lesson";

const cases = golden("ops/linear");
const [W, x] = [cases.tensor<"O I">("cancel.W"), cases.tensor<"T I">("cancel.x")];

// %% [markdown]
// ## The picture
//
// Above, the 64 products $W_{o i} x_i$ of the first output; below, their sum as it grows, term by term. Without their signs the
// terms add up to 64; with them 0.009 is left, a part in seven thousand: they *cancel*. If every step of the sum is rounded to
// float32, each rounds as coarsely as a number of its own size, and what is left at the end is small and carries all of that.

// %%
const products = Array.from({ length: 64 }, (_, i) => W.data[i]! * x.data[i]!);
let total = 0;
const running = products.map((product) => (total += product));
await bars({ products, "their sum": running }, "C", "Large products, whose running sum comes back to nearly zero", {
  apart: true,
});

// %% [markdown]
// ## The equation
//
// $$ y_{t o} = \sum_{i} W_{o i}\, x_{t i} + b_o $$
//
// Each output $o$ is one row of $W$ against the whole input. The file stores $W$ *output first*: the row of an output lies in
// one piece, and nothing has to be transposed. Read it input first, and if the matrix is square no shape complains.
//
// The *bias* $b$ is a constant that is added at the end. In QwQ only queries, keys and values have one. An engine that knows
// only Llama leaves it out, and speaks fluent nonsense: llama.cpp, MLX and others all had that bug once.
//
// ## Twelve lines

// %%
function linear(x: ArrayLike<number>, W: ArrayLike<number>, b: ArrayLike<number>): number[] {
  const I = x.length;
  return Array.from({ length: W.length / I }, (_, o) => {
    let sum = 0;
    for (let i = 0; i < I; i++) sum += W[o * I + i]! * x[i]!;
    return sum + (b[o] ?? 0);
  });
}

// %% [markdown]
// ## A check by hand
//
// $$ \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{pmatrix} 5 \\ 6 \end{pmatrix}
//    + \begin{pmatrix} 1 \\ -1 \end{pmatrix}
//  = \begin{pmatrix} 5 + 12 + 1 \\ 15 + 24 - 1 \end{pmatrix} = \begin{pmatrix} 18 \\ 38 \end{pmatrix} $$

// %%
linear([5, 6], [1, 2, 3, 4], [1, -1]).join(" ");

// %% [markdown]
// ## Equal to `src`
//
// [src/reference/linear.ts](../src/reference/linear.ts) adds the even and the odd terms apart, which is faster, and rounds
// once, at the end. In another order the last bits of a float64 sum differ, and after rounding to float32 the two are the
// same, or neighbours. Here is an ordinary case with a bias, seven tokens at once.

// %%
const [Wo, bo, xo] = ["W", "b", "x"].map((name) => cases.tensor<never>(`ordinary.${name}`));
const src = await reference.download(reference.linear(xo as never, Wo as never, bo as never));
const ours = [0, 1, 2, 3, 4, 5, 6].flatMap((t) => linear(xo!.data.subarray(t * 80, t * 80 + 80), Wo!.data, bo!.data));
equal("ours is src's", Float32Array.from(ours), src.data as Float32Array, { ulps: 1 });

// %% [markdown]
// ## Equal to Hugging Face
//
// Hugging Face sums in float32, in an order that its library chooses. How far may it be off? Each rounding is at most
// $u = 2^{-24}$ of a partial sum, and no partial sum is larger than $\sum_i |W_{o i} x_i|$. So the bound is a few times
// $u \sum |W x|$: large where terms are large, whatever is left of them. A fixed tolerance such as `1e-5` would be too strict
// here and blind elsewhere; this one is neither.

// %%
const magnitude = [0, 1, 2, 3, 4, 5, 6].flatMap((t) =>
  linear(xo!.data.subarray(t * 80, t * 80 + 80).map(Math.abs), Wo!.data.map(Math.abs), bo!.data.map(Math.abs)),
);
equal("src is the truth", src.data as Float32Array, cases.values("ordinary.y.f64"), { ulps: 1 });
equal("src is Hugging Face", src.data as Float32Array, cases.values("ordinary.y"), { roundings: 4, of: magnitude });

// %% [markdown]
// And the case of the picture? The truth of its first output, Hugging Face's float32, and ours; and by how many steps of
// float32 each of the two is off:

// %%
const hard = await reference.download(reference.linear(x as never, W as never));
const [truth, theirs] = [cases.values("cancel.y.f64")[0]!, cases.values("cancel.y")[0]!];
const sums = [truth, theirs, (hard.data as Float32Array)[0]!];
const step = 2 ** (Math.floor(Math.log2(truth)) - 23); // from one float32 of this size to the next
for (const sum of sums) console.log(sum.toPrecision(8), "off by", (Math.abs(sum - truth) / step).toFixed(1), "steps");

// %% [markdown]
// Hugging Face is right to four digits and wrong in the fifth, by hundreds of steps: well within the bound, since the bound
// looks at the size of the terms. That is why this library's reference sums in float64: what judges others must not itself be
// noise.
//
// ## Exercises
//
// **1.** How many multiplications do the seven matrices of *one* layer of QwQ take for one token? The shapes: q $5120 \times
// 5120$, k and v $1024 \times 5120$, o $5120 \times 5120$, gate and up $27648 \times 5120$, down $5120 \times 27648$.

// %% tags=["exercise"]
const multiplications: number | undefined = undefined; // your answer

// %%
judge<number>(
  multiplications,
  (n) => n === 487_587_840,
  "Each weight is used once: add up the sizes of the seven matrices.",
);

// %% [markdown]
// <details><summary>An answer</summary>
//
// Half a billion; times 64 layers, 31.2 billion a token. To *write* a token all these weights must also be read, 62 GB of
// bfloat16: a machine that reads 60 GB a second writes about one token a second, however fast it multiplies.
//
// ```ts
// const multiplications = 2 * 5120 * 5120 + 2 * 1024 * 5120 + 3 * 27648 * 5120;
// ```
//
// </details>
//
// **2.** Write the sum as a float32 machine does it: product and sum rounded at every step (`Math.fround` rounds). How far is
// it from the truth for the first output of the hard case?

// %% tags=["exercise"]
function float32Sum(x: ArrayLike<number>, w: ArrayLike<number>): number | undefined {
  return undefined; // yours
}

// %%
const off = float32Sum(x.data.subarray(0, 64), W.data.subarray(0, 64));
let check = 0;
for (let i = 0; i < 64; i++) check = Math.fround(check + Math.fround(W.data[i]! * x.data[i]!));
judge(off, (sum) => sum === check, "Round each product, add it, round the sum; begin with 0 and take i in order.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function float32Sum(x: ArrayLike<number>, w: ArrayLike<number>): number | undefined {
//   let sum = 0;
//   for (let i = 0; i < x.length; i++) sum = Math.fround(sum + Math.fround(w[i]! * x[i]!));
//   return sum;
// }
// ```
//
// </details>
//
// Next: [05, RoPE](05-rope.ipynb).
