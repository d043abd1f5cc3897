// %% [markdown]
// # 05 · RoPE: places as angles
//
// Nothing so far knows in which order the tokens stand. Attention compares a *query* with every *key* (notebook 06), and it
// should be able to tell "the word just before" from "a word long ago". RoPE, rotary position embedding, does that by
// turning: the channels of a head are taken in pairs, each pair is a point in a plane, and the point is turned by an angle
// that grows with the token's place. Compare two turned points, and only the *difference* of their angles is left.

// %%
import { frequencies, host, reference, type Rope } from "qwq-ts";
import { clocks, equal, golden, judge, lines, times } from "qwq-ts/lesson";

const R: Rope = { D: 8, theta: 10_000, yarn: undefined };
const { f } = frequencies(R);

// %% [markdown]
// ## The picture
//
// A head of eight channels has four pairs: four clocks. The first turns by one radian a token, the others ever more slowly:
// seconds, minutes, hours. Read all four together and you know the place. Above each clock stand the two channels it turns.

// %%
const halves = (d: number, D: number) => [d, d + D / 2] as const;
clocks(f, [0, 1, 2, 7], halves, "Halves: channel d with channel d + D/2 (GPT-NeoX, Hugging Face, QwQ)");

// %%
const neighbours = (d: number, _: number) => [2 * d, 2 * d + 1] as const;
clocks(
  f,
  [0, 1, 2, 7],
  neighbours,
  "Neighbours: channel 2d with channel 2d + 1 (the paper, Meta's Llama, GGUF of llama)",
);

// %% [markdown]
// The clocks are the same; which channels they turn is not. Both are called RoPE, and a model trained with one is broken by the
// other without any error. This is the commonest bug in engines that are written anew.
//
// ## The equation
//
// With $a = p\, \theta^{-2d/D}$ for the token at place $p$ and the pair $d = 0, \dots, D/2 - 1$:
//
// $$ \begin{aligned} y_{d} &= x_{d} \cos a - x_{d + D/2} \sin a \\
//                    y_{d + D/2} &= x_{d} \sin a + x_{d + D/2} \cos a \end{aligned} $$
//
// QwQ has $D = 128$ and $\theta = 10^6$: its slowest hand needs five million tokens for one turn.
//
// ## Twelve lines

// %%
function rope(x: ArrayLike<number>, p: number, f: ArrayLike<number>, pair = halves): Float32Array {
  const y = new Float32Array(x.length);
  const { fround, cos, sin } = Math;
  for (let d = 0; d < f.length; d++) {
    const [i, j] = pair(d, 2 * f.length);
    const a = fround(p * f[d]!);
    y[i] = x[i]! * fround(cos(a)) - x[j]! * fround(sin(a));
    y[j] = x[i]! * fround(sin(a)) + x[j]! * fround(cos(a));
  }
  return y;
}

// %% [markdown]
// The angle, its cosine and its sine are rounded to float32 on purpose; we shall see why below.
//
// ## A check by hand
//
// One pair, $x = (1, 0)$, at place 1: the fastest hand has turned by one radian, 57°, and points to
// $(\cos 1, \sin 1) = (0.5403, 0.8415)$. At place 0 nothing turns.

// %%
[0, 1].map((p) => Array.from(rope([1, 0], p, [1]), (v) => v.toFixed(4)).join(" "));

// %% [markdown]
// ## Equal to `src`
//
// [src/reference/rope.ts](../src/reference/rope.ts) turns all heads of all tokens at once. The bits are the same.

// %%
const cases = golden("ops/rope");
const places = Array.from(cases.values("positions"));
const [D, theta] = [128, 1e6];
const heads = cases.values("qwq.x") as Float32Array;
const q = Array.from(places, (_, t) => heads.subarray(t * 256, t * 256 + 128));
const src = (t: number) =>
  reference.rope(host<"T HD">([1, 128], q[t]!.slice()), places[t]!, { D, theta, yarn: undefined });
const fq = frequencies({ D, theta, yarn: undefined }).f;
for (const [t, p] of places.entries()) equal(`p = ${p}`, rope(q[t]!, p, fq), (await reference.download(src(t))).data);

// %% [markdown]
// ## Equal to Hugging Face
//
// Two columns again, at the same four places, the last being the end of QwQ's context. `y.f64` is the truth, with the angle
// rounded as Hugging Face rounds it and all else in float64: we are within four roundings of $|x_d| + |x_{d+D/2}|$, one each for
// the cosine, the sine, and what is stored. `y` is Hugging Face's own float32. It is off by up to `noise` itself, since a
// float32 cosine of a large angle is not quite right; we differ from it by no more than a few times that.

// %%
const column = (name: string) => times(4, (t) => cases.values(name).subarray(t * 256, t * 256 + 128));
const [truth, hf] = [column("qwq.y.f64"), column("qwq.y")];
const sizes = (x: Float32Array) => x.map((v, i) => Math.abs(v) + Math.abs(x[(i + 64) % 128]!));
const noise = Math.max(...times(4, (t) => Math.max(...hf[t]!.map((v, i) => Math.abs(v - truth[t]![i]!)))));
const turnedAll = times(4, (t) => rope(q[t]!, places[t]!, fq));
for (const [t, y] of turnedAll.entries()) {
  equal(`the truth at ${places[t]}`, y, truth[t]!, { roundings: 4, of: sizes(q[t]!) });
  equal(`Hugging Face at ${places[t]}`, y, hf[t]!, { floor: noise });
}

// %% [markdown]
// ## Why the angle is rounded
//
// float32 has 24 bits. At place 40,959 the fastest hand has turned 40,959 radians, and the last bit of that is 1/256 radian.
// So the rounded angle is off by up to 0.002, and cosine and sine with it. That is no small number: but Hugging Face rounds
// here, the model was trained with that rounding, and so it is part of the *specification*. An engine that is "better" is
// wrong. Here is how far one is from Hugging Face that keeps float64 throughout, by place:

// %%
const exact = (d: number) => theta ** ((-2 * d) / D);
const off = (p: number, d: number) => Math.abs(Math.cos(Math.fround(p * fq[d]!)) - Math.cos(p * exact(d)));
const far = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 40_959];
const y = far.map((p) => Math.max(1e-9, ...times(64, (d) => off(p, d))));
const axes = { x: "place p", y: "largest difference of a cosine", log: "both", points: true } as const;
await lines({ "float64 throughout": { x: far, y, of: "D" } }, "A difference that grows with the place, to 0.003", axes);

// %% [markdown]
// ## Why Hugging Face permutes
//
// Meta's Llama turns neighbours, Hugging Face turns halves. Instead of two kinds of code, Hugging Face reorders the *rows* of
// $W_q$ and $W_k$ when it converts a checkpoint, so that the channels 0, 2, 4, … come first and then 1, 3, 5, …. Halves of the
// reordered head are neighbours of the original one, and since queries and keys are reordered alike, no score changes. GGUF
// files of Llama are ordered back. This is that permutation, and the proof:

// %%
const order = Array.from({ length: 8 }, (_, i) => (i < 4 ? 2 * i : 2 * (i - 4) + 1));
const x8 = Float32Array.from([1, -2, 3, 5, -1, 4, 2, -3]);
const permuted = order.map((i) => x8[i]!);
const turned = rope(x8, 5, f, neighbours);
equal(
  "halves of the permuted head",
  rope(permuted, 5, f),
  order.map((i) => turned[i]!),
);

// %% [markdown]
// ## Only the distance counts
//
// The score of a query at place $p$ and a key at place $s$ depends on $p - s$ alone. That is what all the turning was for.
// Below, one vector is compared with itself at a growing distance, with QwQ's frequencies: near tokens score higher, and no
// two near distances look alike.

// %%
const one = new Float32Array(128).fill(1);
const score = (p: number, s: number) => rope(one, p, fq).reduce((sum, v, i) => sum + v * rope(one, s, fq)[i]!, 0) / 128;
const apart = Array.from({ length: 129 }, (_, i) => i * 2);
const curve = { score: { x: apart, y: apart.map((distance) => score(distance, 0)), of: "D" } } as const;
await lines(curve, "A score that falls with the distance, in waves", { x: "distance p − s", y: "score", height: 200 });

// %%
[score(7, 3), score(1007, 1003), score(40_959, 40_955)].map((s) => s.toFixed(7)).join("  ");

// %% [markdown]
// The three are the same but for their last digits, and the farther out, the more of them: the rounded angles again.
//
// ## Exercises
//
// **1.** After how many tokens has the *second* hand of the first picture ($\theta = 10{,}000$, $D = 8$) made one whole turn?

// %% tags=["exercise"]
const turn: number | undefined = undefined; // your answer, to one token

// %%
judge<number>(turn, (n) => Math.abs(n - 62.8) < 1, "It turns by 10000^(-2/8) = 0.1 radians a token, and a turn is 2π.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const turn = (2 * Math.PI) / 10_000 ** (-2 / 8);
// ```
//
// </details>
//
// **2.** An engine counts places from 1 instead of 0. By how much do its attention *scores* differ from Hugging Face's?
// (0, "a little", or "a lot"; mind what the last section said.)

// %% tags=["exercise"]
const differ: string | undefined = undefined; // your answer

// %%
judge<string>(differ, (text) => text === "a little", "Distances are the same. Are the rounded angles?");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Only distances count, so but for rounding nothing changes: the bug is real, and no text will ever show it.
//
// ```ts
// const differ = "a little";
// ```
//
// </details>
//
// Next: [06, attention and the mask](06-attention.ipynb).
