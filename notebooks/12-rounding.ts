// %% [markdown]
// # 12 · Int8 and four-bit: what rounding costs
//
// QwQ was trained in bfloat16: 16 bits a weight, 65.5 GB in all. Hardly anybody who runs it at home runs that. They run
// files of eight bits, or of four and a half, in which each weight has been *rounded* to one of a few numbers. Half of the
// bytes are half of the time too, since writing a token means reading all of the weights once (notebook 11).
//
// Rounding is not compression: nothing brings back what it took. So the question of this notebook is what it takes. How far
// can a weight move? What does one giant do to its neighbours? And when do the answers of the model change?

// %%
import { bars, equal, FORMATS, golden, grids, judge } from "qwq-ts/lesson";
import { lines, measured, narrowInt8, NARROWS, table, times } from "qwq-ts/lesson";
import { QWQ_32B } from "qwq-ts";

const real = golden("lessons/smollm2");
const weights = real.values("E").subarray(0, 32); // of the word " Monday", the first 32 of its 576
const size = (row: ArrayLike<number>) => Array.from(row, Math.abs).reduce((a, b) => Math.max(a, b));

// %% [markdown]
// ## The picture
//
// Above each line are 32 weights of SmolLM2's embedding. The ticks are a grid: the whole multiples of one number, the *scale*.
// Every weight goes to the tick nearest to it, and what is kept of it is the number below that tick, a small integer. Four bits
// can tell 16 ticks apart, eight bits can tell 256. In both, the largest weight sets the scale, since it must be reached.

// %%
const [four, eight] = [size(weights) / 7, size(weights) / 127];
const panels = {
  "four bits: the integers from -8 to 7": { values: weights, step: four, least: -8, most: 7 },
  "eight bits: the integers from -127 to 127": { values: weights, step: eight, least: -127, most: 127 },
};
grids(panels, "C", "Weights fall on sixteen ticks with four bits, and hardly move with eight");

// %% [markdown]
// ## The equation
//
// $$ s = \frac{\max_c |w_c|}{127}, \qquad q_c = \operatorname{round}\!\left(\frac{w_c}{s}\right), \qquad
//    y_c = s\, q_c, \qquad |w_c - y_c| \le \frac{s}{2} $$
//
// The file keeps the integers $q$, a byte each, and the one $s$. Whoever reads it multiplies. The last part is the whole theory:
// ticks stand $s$ apart, so that nothing is further than half of that from a tick. And $s$ hangs on the *largest* weight alone.
//
// ## Twelve lines

// %%
function int8(w: ArrayLike<number>, most = 127) {
  const s = Math.fround(size(w) / most);
  const q = Array.from(w, (v) => Math.round(v / s));
  return { s, q, y: q.map((level) => s * level) };
}

// %% [markdown]
// ## A number to check by hand
//
// Three weights, 0.10, -0.50 and 1.27. The scale is 1.27 / 127 = 0.01, so the integers are 10, -50 and 127, and nothing is lost.
// Now let the last one be 12.7: a scale of 0.1 and the integers 1, -5 and 127. A tenth weight of 0.04 would have been 4
// before; now it is 0, and gone.

// %%
[int8([0.1, -0.5, 1.27, 0.04]).q, int8([0.1, -0.5, 12.7, 0.04]).q].map((q) => q.join("  "));

// %% [markdown]
// ## Half a step
//
// The bound at work on real numbers: 1536 of them, what layer 14's feed-forward hands to its last matrix for one token. None is
// off by more than half a step, and the worst by just that much. The *usual* error is smaller: if a number is as likely to fall
// at one place between two ticks as at another, the root mean square of the errors is $s / \sqrt{12}$, or 0.289 steps.

// %%
const act = real.values("act").subarray(2 * 1536, 3 * 1536);
const rms = (x: readonly number[]) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
const errors = (x: Float32Array | Float64Array, y: readonly number[]) => y.map((v, i) => v - x[i]!);
const { s, y } = int8(act);
const beyond = errors(act, y).filter((e) => Math.abs(e) > s / 2).length;
const steps = [size(errors(act, y)) / s, rms(errors(act, y)) / s].map((e) => e.toFixed(3));
[beyond, ...steps];

// %% [markdown]
// The last is a little below 0.289, and that is a bad sign, not a good one. A quarter of these numbers are so small that they do
// not even reach half a step: they fall on zero, and their error is all of what they were. We come back to it.
//
// ## Equal to `src`
//
// The library's own int8 is [src/quant/int8.ts](../src/quant/int8.ts). It stores $q + 128$, so that a byte needs no sign. The same
// integers, and the same scale to the last bit.

// %%
const bytes = new Uint8Array(act.length);
const scale = narrowInt8(Float32Array.from(act), 0, act.length, bytes, 0);
equal(
  "the integers",
  int8(act).q,
  Array.from(bytes, (byte) => byte - 128),
);
equal("the scale", [s], [scale]);

// %% [markdown]
// ## Equal to PyTorch
//
// `quant/narrow` keeps 4096 numbers and the integers that PyTorch made of them, in groups of 32 that have a scale each.

// %%
const narrow = golden("quant/narrow");
const groups = times(128, (i) => int8(narrow.values("ordinary").subarray(32 * i, 32 * i + 32)));
const levels = groups.flatMap(({ q }) => q.map((level) => level + 128));
equal("integers as PyTorch's", levels, narrow.bytes("int8.32"));
const scales = groups.map((group) => group.s);
equal("scales as PyTorch's", scales, narrow.values("int8.32.scale"));

// %% [markdown]
// ## Blocks: Q8_0 and Q4_0 by hand
//
// One scale for a long row lets one giant spoil all of it. The files that llama.cpp reads therefore cut each row into *blocks* of
// 32 and give each block its own scale. To save bytes, the scale is a *half*, a number of 16 bits:
//
// - **Q8_0**: 2 bytes of scale, then 32 signed bytes. 34 bytes for 32 weights, or 8.5 bits a weight.
// - **Q4_0**: 2 bytes of scale, then 16 bytes with two integers each, the lower four bits first. 18 bytes, or 4.5 bits a weight.
//
// First the scale. A half has a sign, five bits of exponent and ten of fraction, the low byte first in the file.

// %%
function half(low: number, high: number): number {
  const bits = low | (high << 8);
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const value = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits >> 15 === 1 ? -value : value;
}
const byHand = half(0x00, 0x3c); // exponent 15, fraction 0
byHand;

// %% [markdown]
// Then the integers. In Q8_0 a byte above 127 stands for a negative number. In Q4_0 the four bits count from 0 to 15, and 8 is
// taken away. The sixteen low halves are the weights 0 to 15, the high halves 16 to 31; so two neighbours in the file are sixteen
// apart in the row. Whoever gets that wrong has a model that talks nonsense fluently.

// %%
function fromQ8(block: Uint8Array): number[] {
  const d = half(block[0]!, block[1]!);
  return times(32, (i) => d * ((block[2 + i]! << 24) >> 24));
}
function fromQ4(block: Uint8Array): number[] {
  const d = half(block[0]!, block[1]!);
  const low = times(16, (i) => d * ((block[2 + i]! & 15) - 8));
  return [...low, ...times(16, (i) => d * ((block[2 + i]! >> 4) - 8))];
}

// %% [markdown]
// By hand: a block whose scale is the half 0x3c00, which is 1, and whose first byte is 0x70. Its lower four bits are 0, so the first
// weight is $0 - 8 = -8$. The upper ones are 7, so weight 16 is $-1$. All other bytes are 0x88, hence zeros.

// %%
const block = Uint8Array.from([0x00, 0x3c, 0x70, ...times(15, () => 0x88)]);
const sixteen = fromQ4(block);
[sixteen[0], sixteen[1], sixteen[16], sixteen[17]].join("  ");

// %% [markdown]
// Random blocks and what gguf-py, the Python package of llama.cpp, reads in them; then the same by
// [src/quant/q4_0.ts](../src/quant/q4_0.ts). Nothing is rounded on the way from a block to numbers, so all are equal to the bit.

// %%
const formats = golden("quant/formats");
const blocksOf = (name: string, length: number) =>
  times(96, (i) => formats.bytes(`${name}.bytes`).subarray(length * i, length * (i + 1)));
equal("Q8_0 as gguf-py", blocksOf("Q8_0", 34).flatMap(fromQ8), formats.values("Q8_0.values"));
equal("Q4_0 as gguf-py", blocksOf("Q4_0", 18).flatMap(fromQ4), formats.values("Q4_0.values"));

// %%
function bySrc(name: string): Float32Array {
  const into = new Float32Array(96 * 32);
  FORMATS.get(name)!.widen(formats.bytes(`${name}.bytes`), 0, 96, into, 0);
  return into;
}
equal("Q8_0 as src", blocksOf("Q8_0", 34).flatMap(fromQ8), bySrc("Q8_0"));
equal("Q4_0 as src", blocksOf("Q4_0", 18).flatMap(fromQ4), bySrc("Q4_0"));

// %% [markdown]
// ## Writing four bits
//
// The integers go from -8 to 7: there is one more below zero than above. Q4_0 gives that one to the value farthest from zero,
// *whichever its sign*, by letting the scale be negative. So the farthest is hit nearly to the bit. What lies as far on the other side
// would need +8, does not get it, and is off by up to a whole step instead of half of one. The scale is found first; the half that is
// kept of it comes later.

// %%
function toQ4(w: ArrayLike<number>): number[] {
  const most = Array.from(w).reduce((far, v) => (Math.abs(v) > Math.abs(far) ? v : far), 0);
  const inverse = most === 0 ? 0 : Math.fround(1 / Math.fround(most / -8));
  const q = Array.from(w, (v) => Math.min(15, Math.floor(Math.fround(Math.fround(v * inverse) + 8.5))));
  return times(16, (i) => q[i]! | (q[i + 16]! << 4));
}

// %% [markdown]
// The integers of 544 recorded blocks, as llama.cpp's own C code wrote them, and as `src` does: ordinary ones, outliers, ties,
// zeros. (The file has eight more, of numbers about $10^{-40}$, for which the inverse is infinite.)

// %%
const values = narrow.values("values").subarray(0, 32 * 544);
const [written, integers] = [new Uint8Array(18 * 544), (all: Uint8Array) => all.filter((_, i) => i % 18 > 1)];
NARROWS.get("Q4_0")!.narrow(Float32Array.from(values), 0, 544, written, 0);
const ours = times(544, (i) => toQ4(values.subarray(32 * i, 32 * i + 32))).flat();
equal("the integers as llama.cpp's", ours, integers(narrow.bytes("Q4_0.bytes").subarray(0, 18 * 544)));
equal("the integers as src's", ours, integers(written));

// %% [markdown]
// ## The outlier
//
// Here is the row from before: what SmolLM2's layer 14 computes between two matrices for the word "that". Channel 226 is a giant,
// 26 times the row's root mean square, and it is the largest for the words before and after too. Such *outlier channels* are found
// in large models of all families. Learning put them there, and a model whose giants are cut off does not work any more.

// %%
await bars({ "activation h": act }, "F", "One channel of 1536 is far larger than all others");

// %% [markdown]
// One scale for the row must reach the giant. How many of the 1536 numbers become zero, with eight bits and with four, with the
// giant and without it?

// %%
const without = act.map((v, f) => (f === 226 ? 0 : v));
const zeros = (row: Float32Array | Float64Array, most: number) => int8(row, most).q.filter((q) => q === 0).length;
[zeros(act, 127), zeros(without, 127), zeros(act, 7), zeros(without, 7)].join("  ");

// %% [markdown]
// With eight bits the giant doubles what is wiped out. With four bits it leaves 50 numbers of 1536. Blocks are the cure: a
// giant then spoils its own block and no other. The error over the length of the block, with the giant and without:

// %%
function blocked(row: Float32Array | Float64Array, length: number, most = 127): number[] {
  return times(row.length / length, (i) => int8(row.subarray(i * length, (i + 1) * length), most).y).flat();
}
const lengths = [16, 32, 64, 128, 256, 512, 1536];
const errorOf = (row: Float32Array, most: number) => lengths.map((n) => rms(errors(row, blocked(row, n, most))));

// %%
const [row, rest] = [Float32Array.from(act), Float32Array.from(without)];
const curves = {
  "4 bits": { x: lengths, y: errorOf(row, 7), of: "ink" },
  "4 bits, no giant": { x: lengths, y: errorOf(rest, 7), of: "faint" },
  "8 bits": { x: lengths, y: errorOf(row, 127), of: "F" },
  "8 bits, no giant": { x: lengths, y: errorOf(rest, 127), of: "F", share: 0.5 },
} as const;
const axes = { x: "numbers under one scale", y: "rms of the error", log: "both", points: true } as const;
await lines(curves, "The error grows with the length of a block, and more with the giant in it", axes);

// %% [markdown]
// From a whole row to blocks of 32, the eight-bit error falls to less than a fifth. That costs half a bit a weight: 16 bits of scale for 32.
//
// Here the giant is in an *activation*. Weights have them too, but smaller ones, and so most formats round the weights alone and
// leave the activations in full: *weight-only*, as all GGUF files. Whoever rounds both has to treat the giants apart. LLM.int8 takes
// the outlier channels out and computes them in 16 bits (exercise 2); SmoothQuant divides the channel and multiplies its weights; a
// rotation spreads the giant over all channels. And nobody rounds the residual stream: the first token's, of notebook 03, has one
// channel of 22,519. With one int8 scale, so many of its 576 channels become zero:

// %%
const stream = golden("smollm2/taps.f32").values("14.mid").subarray(0, 576);
zeros(stream, 127);

// %% [markdown]
// ## What it costs a model
//
// A weight that moved is no harm by itself; a changed answer is. The benchmark of [docs/quantisation.md](../docs/quantisation.md)
// rounded all of SmolLM2 and let it read a text. *KL* says how far its predictions of the next token moved, in nats, on average;
// *perplexity* among how many tokens, as it were, the model hesitates. The picture is of that benchmark's committed results.

// %%
type Cost = { bytes: number; perplexity: number; sourcePerplexity: number; kl: { mean: number } };
const { models } = measured<{ models: Record<string, Cost> }>("quantisation");
const cost = (name: string) => models[name]!;
const bits = { q4_0: 4.5, q5_0: 5.5, q8_0: 8.5, f16: 16 };
const names = Object.keys(bits);
const kl = { x: Object.values(bits), y: names.map((name) => models[name]!.kl.mean), of: "V" } as const;
const shown = { x: "bits a weight", y: "mean KL, nats", log: "y", points: true } as const;
await lines({ SmolLM2: kl }, "Each bit more makes the predictions move several times less", shown);

// %%
const source = ["as it came", "", models["f16"]!.sourcePerplexity.toFixed(2)];
const costs = names.map((name, i) => [name, kl.x[i]!, models[name]!.perplexity.toFixed(2)]);
table(["format", "bits a weight", "perplexity"], [source, ...costs]);

// %% [markdown]
// Eight bits cost nothing that a reader could notice: the perplexity rises by one part in two thousand. Four bits, rounded to
// nearest, raise it by more than a quarter. Two warnings. This model is small, and small models suffer more than large ones.
// And its weights came to us in Q4_1, that is on a grid already, so that these are costs on top of that; the document says
// more.
//
// For a model that thinks, the share of *first choices* that change matters as much: a proof of ten thousand tokens goes another way at
// each. It may still arrive. Formats that are better at four bits spend them better: Q4_K has a second level of scales, AWQ and
// GPTQ look at activations before they round.
//
// What would QwQ weigh? All its matrices, at 16, 8.5 and 4.5 bits, in GB:

// %%
const { channels: C, feedForward: F, heads: H, keyHeads: K, headSize: D, layers, vocabulary: V } = QWQ_32B;
const matrices = layers * (2 * C * H * D + 2 * C * K * D + 3 * C * F) + 2 * V * C;
[16, 8.5, 4.5].map((perWeight) => ((matrices * perWeight) / 8 / 1e9).toFixed(1));

// %% [markdown]
// ## Exercises
//
// **1.** A format has groups of 128 integers of eight bits, and one float32 scale for each group. How many bits a weight is that?

// %% tags=["exercise"]
const perWeight: number | undefined = undefined; // your answer

// %%
judge<number>(perWeight, (n) => n === 8.25, "A group takes 128 bytes and 4 more.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const perWeight = (128 * 8 + 32) / 128;
// ```
//
// </details>
//
// **2.** Do as LLM.int8 does: numbers whose size is above a threshold stay as they are; the others are rounded as if the giants
// were not there. It has to come nearer to the row than blocks of 32 do.

// %% tags=["exercise"]
function apart(x: number[], threshold: number): number[] | undefined {
  return undefined; // yours: the row as it is read back
}

// %%
const plain = Array.from(act);
const near = (read: number[]) => rms(errors(act, read)) < rms(errors(act, blocked(row, 32))) && read.length === 1536;
judge(apart(plain, 0.5), near, "Put zeros where the giants are, round the rest, then put the giants back.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// With a threshold of 0.5, 32 of the 1536 numbers stay in full. In large models still fewer channels are enough, and they are the
// same ones for every token.
//
// ```ts
// function apart(x: number[], threshold: number): number[] | undefined {
//   const giant = (v: number) => Math.abs(v) > threshold;
//   const { y: small } = int8(x.map((v) => (giant(v) ? 0 : v)));
//   return x.map((v, f) => (giant(v) ? v : small[f]!));
// }
// ```
//
// </details>
//
// Next: [13, a GPU kernel of your own](13-gpu.ipynb).
