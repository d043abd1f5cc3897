// %% [markdown]
// # 13 · Your own GPU kernel
//
// Nearly all the time of a model goes into one equation, $y = W x$ of [notebook 04](04-linear.ipynb). Its outputs do not need
// each other: whoever has a thousand workers can give each its own. A graphics card has thousands. They are simple workers:
// all run the same little program, a *kernel*, and all that a worker knows of itself is its number.
//
// Such programs are usually written in languages of their own. [gpu.js](https://gpu.rocks) takes an ordinary TypeScript
// function, reads its text, and translates it: for a GPU (WebGPU, WebGL), to WebAssembly, or, in its mode `cpu`, back to
// JavaScript. This notebook uses `cpu`, so that it runs on any machine. The library's backend
// ([docs/gpu.md](../docs/gpu.md)) gives kernels like these to whatever GPU there is.

// %%
import gpujs from "gpu.js";
import { host, QWQ_32B, reference } from "qwq-ts";
import { equal, golden, heatMap, judge, times } from "qwq-ts/lesson";

const gpu = new gpujs.GPU({ mode: "cpu" });

// %% [markdown]
// ## The picture
//
// One thread makes one output. Take a matrix $W$ with six outputs of six inputs, and six threads that all are at the
// input 2. Memory is one long row of 36 numbers. Which of them do the six threads want at this moment?
//
// If memory holds row after row of $W$, as files do, they want numbers that lie far apart. If it holds column after column
// they want six neighbours. Memory hands out neighbours in one go, so a GPU wants the second; a processor's single thread,
// which walks along one row, the first.

// %%
const [outputs, inputs, now] = [6, 6, 2];
const wanted = (address: (o: number) => number) => {
  const addresses = times(outputs, address);
  return times(outputs * inputs, (at) => (addresses.includes(at) ? 1 : 0));
};
const layouts = [wanted((o) => o * inputs + now), wanted((o) => now * outputs + o)];
const drawing = { axis: "F", side: 16, rows: ["w[o][i]", "w[i][o]"], columns: times(36, () => "") } as const;
heatMap(layouts, "What six threads read at once: six places far apart, or six neighbours", drawing);

// %% [markdown]
// ## The equation
//
// $$ y_{to} = \sum_{i} W_{oi}\, x_{ti} $$
//
// The thread with the numbers $(o, t)$ makes $y_{to}$. gpu.js calls them `this.thread.x` and `this.thread.y`.
//
// ## Twelve lines

// %%
type Thread<C> = { thread: { x: number; y: number; z: number }; constants: C };

function product(this: Thread<{ inputs: number }>, w: Float32Array[], x: Float32Array[]): number {
  let sum = 0;
  for (let i = 0; i < this.constants.inputs; i++) sum += w[this.thread.x]![i]! * x[this.thread.y]![i]!;
  return sum;
}

// %% [markdown]
// There is no loop over outputs and none over tokens: the threads are those loops.
//
// ## A check by hand
//
// A kernel is still a function, and can be called as one: `this` says which thread it is. Take $W$ with the rows (1, 2) and
// (3, 4), and $x = (5, 6)$. Thread 0 makes $1 \cdot 5 + 2 \cdot 6 = 17$, thread 1 makes $3 \cdot 5 + 4 \cdot 6 = 39$.

// %%
const w2 = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
const asThread = (x: number) => ({ thread: { x, y: 0, z: 0 }, constants: { inputs: 2 } });
times(2, (o) => product.call(asThread(o), w2, [Float32Array.of(5, 6)]));

// %% [markdown]
// Now translated. A kernel is told how many threads there are (`output`), and its constants, which become part of its text.

// %%
type Run<R> = (...given: unknown[]) => R;

function compile<R>(kernel: object, output: number[], constants: Record<string, number>): Run<R> {
  const settings = { output, constants, strictIntegers: true, precision: "single" };
  return gpu.createKernel(kernel as never, settings as never) as unknown as Run<R>;
}
compile<Float32Array[]>(product, [2, 1], { inputs: 2 })(w2, [Float32Array.of(5, 6)]);

// %% [markdown]
// ## Equal to `src`
//
// [src/reference/linear.ts](../src/reference/linear.ts) computes the same for 7 tokens, 108 inputs and 40 outputs. It sums in
// float64 and rounds once, when it stores; so does the mode `cpu`. A rounding is at most $2^{-24}$ of the sum of all
// $|W_{oi} x_{ti}|$: two sums that were rounded once are two of those apart at most.

// %%
const cases = golden("ops/linear");
const [x, W] = [cases.tensor<"T I">("unbiased.x"), cases.tensor<"O I">("unbiased.W")];
const [T, O, I] = [7, 40, 108];
const rows = (data: Float32Array, width: number) =>
  times(data.length / width, (r) => data.subarray(r * width, (r + 1) * width));
const [xs, ws] = [rows(x.data, I), rows(W.data, I)];

// %%
const y = compile<Float32Array[]>(product, [O, T], { inputs: I })(ws, xs).flatMap((row) => [...row]);
const sizes = xs.flatMap((xt) => ws.map((wo) => wo.reduce((sum, v, i) => sum + Math.abs(v * xt[i]!), 0)));
const theirs = await reference.download(reference.linear(x, W));
equal("the kernel is src", y, theirs.data, { roundings: 2, of: sizes });

// %% [markdown]
// ## Equal to Hugging Face
//
// `y.f64` is the truth, from which we are one rounding. `y` is torch's own float32, which rounds after every step: each of the
// 108 products and each of the 108 sums may be off by one rounding, and so would a GPU be, with any order of the sum.

// %%
equal("the truth", y, cases.values("unbiased.y.f64"), { roundings: 1, of: sizes });
equal("Hugging Face", y, cases.values("unbiased.y"), { roundings: 2 * I, of: sizes });

// %% [markdown]
// ## Three weights to a number
//
// A GPU mostly waits for memory: every weight is read once for a token, and used once. So bytes are time, and weights are kept
// as int8 ([notebook 12](12-rounding.ipynb)), a quarter of float32. But *every* buffer of gpu.js is float32. An `Int8Array`
// that is handed to it is widened on the way, and all is lost without a word.
//
// There is a way. A float32 holds whole numbers exactly up to $2^{24}$ = 16,777,216. Add 128 to an int8, and it lies between
// 0 and 255, one digit in the base 256. Three such digits make a number below $256^3 = 2^{24}$:
//
// $$ v = a + 256\, b + 65536\, c $$
//
// By hand: the weights −3, 0, 127 become 125, 128, 255, and $125 + 32768 + 16711680 = 16744573$.

// %%
const pack = ([a = 0, b = 0, c = 0]: ArrayLike<number> & Iterable<number>) =>
  a + 128 + 256 * (b + 128) + 65_536 * (c + 128);
[pack([-3, 0, 127]), Math.fround(pack([-3, 0, 127]))];

// %% [markdown]
// To get them back one divides and rounds down. Division is not exact on every GPU; multiplication by a power of two is, since
// it only moves the exponent. So the kernel multiplies by $2^{-16}$ and $2^{-8}$. Is every one of the 16,777,216 words right,
// with each step rounded to float32? Sixteen million are few enough to try them all.

// %%
const { floor, fround } = Math;
let wrong = 0;
for (let word = 0; word < 2 ** 24; word++) {
  const c = floor(fround(word * 2 ** -16));
  const b = floor(fround((word - c * 65_536) * 2 ** -8));
  if (c !== word >> 16 || b !== ((word >> 8) & 255)) wrong++;
}
wrong;

// %% [markdown]
// Four to a number do not fit: the last digits are rounded away, and nobody says so. Here are the weights 1, 2, 3 and 4.

// %%
const four = Math.fround(pack([1, 2, 3]) + 2 ** 24 * (4 + 128));
[0, 8, 16, 24].map((bits) => (Math.floor(four / 2 ** bits) % 256) - 128);

// %% [markdown]
// What is it worth? The matrices of QwQ's 64 layers, in GB, as float32 and as three to a number:

// %%
const { channels: C, heads, keyHeads, headSize, feedForward } = QWQ_32B;
const attention = 2 * C * heads * headSize + 2 * C * keyHeads * headSize; // q and o, k and v
const weights = QWQ_32B.layers * (attention + 3 * C * feedForward);
[4, 4 / 3].map((bytes) => ((weights * bytes) / 1e9).toFixed(1));

// %% [markdown]
// ## The packed kernel
//
// A word holds three inputs of one output; words lie in columns, `words[j][o]`, so that neighbouring threads read neighbours.
// Each output has a scale, by which its integers are multiplied at the end: once, not 108 times.

// %%
function packed(this: Thread<{ words: number }>, words: number[][], scale: Float32Array, x: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < this.constants.words; j++) {
    const v = words[j]![this.thread.x]!;
    const c = Math.floor(v * 0.0000152587890625);
    const r = v - c * 65536;
    const b = Math.floor(r * 0.00390625);
    sum += (r - b * 256 - 128) * x[j * 3]! + (b - 128) * x[j * 3 + 1]! + (c - 128) * x[j * 3 + 2]!;
  }
  return sum * scale[this.thread.x]!;
}

// %% [markdown]
// To see that it is right to the last bit, we give it numbers where nothing is rounded: int8 weights, whole inputs, and scales
// that are powers of two. All sums are then whole numbers far below $2^{24}$, in whatever order they are made. `src` gets the
// same matrix as float32.

// %%
const q = times(O, (o) => times(I, (i) => ((o * 131 + i * 71) % 256) - 128));
const scale = Float32Array.from({ length: O }, (_, o) => 2 ** -(o % 4));
const whole = Float32Array.from({ length: I }, (_, i) => (i % 17) - 8);
const words = times(I / 3, (j) => q.map((row) => pack(row.slice(3 * j, 3 * j + 3))));
const plain = Float32Array.from(q.flatMap((row, o) => row.map((v) => v * scale[o]!)));

// %%
const ours = compile<Float32Array>(packed, [O], { words: I / 3 })(words, scale, whole);
const exact = reference.linear(host<"T I">([1, I], whole), host<"O I">([O, I], plain));
equal("the packed kernel is src", ours, (await reference.download(exact)).data);

// %% [markdown]
// The library's kernel ([kernels/gpujs/linear.ts](../kernels/gpujs/linear.ts)) is this one, with groups of inputs that have a
// scale each, and a rest where three does not divide the inputs: QwQ's 5,120 is $3 \cdot 1706 + 2$.
//
// ## Traps that make no sound
//
// A kernel that cannot be translated says so. The dangerous ones are those that are, and compute something else. First: a loop
// whose end is an *argument*. The translator must know that a loop ends, so it puts a limit of 1,000 on it.

// %%
function count(this: Thread<object>, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += 1;
  return sum;
}
[...compile<Float32Array>(count, [1], {})(5120)];

// %% [markdown]
// A matrix of 768 inputs passes every test, one of 5,120 is wrong. As a constant, as in our kernels, the limit is known and
// all is well. (`loopMaxIterations` is the other cure.)
//
// Second: an index past the end. On a GPU it reads something else, mostly the last element, and the result looks like a
// number. The mode `cpu` gives NaN, so run every test there too: it finds what the GPU hides.

// %%
function ahead(this: Thread<object>, a: Float32Array): number {
  return a[this.thread.x + 2]!;
}
[...compile<Float32Array>(ahead, [3], {})(Float32Array.of(1, 2, 3))];

// %% [markdown]
// Third: results that stay on the device (`pipeline: true`), as they must if one kernel feeds the next. Unless `immutable` is
// set too, the second call of a kernel overwrites what the first one gave, though you hold it in another variable.

// %%
function same(this: Thread<object>, a: Float32Array): number {
  return a[this.thread.x]!;
}
const settings = { output: [2], pipeline: true };
const kept = gpu.createKernel(same as never, settings as never) as unknown as Run<{ toArray?(): Float32Array }>;
const [first, second] = [kept(Float32Array.of(1, 2)), kept(Float32Array.of(3, 4))];
[first, second].map((handle) => [...(handle.toArray?.() ?? (handle as Float32Array))]);

// %% [markdown]
// Fourth: a number that is too large for float32, such as a *flat* index into a matrix of more than 16,777,216 weights. QwQ's
// $W_{gate}$ has 141 million. From there on only every second index exists, later every fourth: hence `w[i][o]`, never
// `w[i * outputs + o]`.

// %%
[2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 24 + 2].map((index) => Math.fround(index));

// %% [markdown]
// And there are more that need a GPU to be seen:
//
// | what happens | what to do |
// |---|---|
// | memory is full: an error on the console, and all results are zero | listen to the device's errors, throw at the next read |
// | a kernel that cannot be translated runs as JavaScript, with a warning | ask every kernel after its call where it ran |
// | in Node nothing chooses the GPU; WebAssembly runs in its place | open the adapter yourself, and print what was chosen |
// | `-Infinity` becomes −3.4e38, `x !== x` is false even for NaN | −1e30 for a mask; no test for NaN in a kernel |
// | the sine of 10,000 has three digits | tables of angles, made in float64 |
//
// After a call, the kernel itself knows where it ran:

// %%
const shown = gpu.createKernel(same as never, { output: [1] } as never) as unknown as Run<Float32Array>;
shown(Float32Array.of(1));
(shown as unknown as { kernel: { constructor: { mode: string } } }).kernel.constructor.mode;

// %% [markdown]
// ## Is it faster?
//
// On a processor, no: the library's own WebAssembly beats every mode of gpu.js there, and rows are read faster than columns.
// What gpu.js buys is the GPU, from one text that a debugger can step through. [docs/gpu.md](../docs/gpu.md) has the measured
// tables, and names the tests that fall into most of these traps on purpose.
//
// ## Exercises
//
// **1.** Four bits are enough for many models. How many weights of four bits fit into one float32, all exact?

// %% tags=["exercise"]
const nibbles: number | undefined = undefined; // your answer

// %%
judge<number>(nibbles, (n) => n === 6, "Whole numbers are exact below 2^24, and each weight needs four of the bits.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Six, so a weight takes two thirds of a byte.
//
// ```ts
// const nibbles = 24 / 4;
// ```
//
// </details>
//
// **2.** Write the kernel of [notebook 08](08-swiglu.ipynb): the thread $f$ makes $\operatorname{silu}(g_f)\, u_f$, where
// $\operatorname{silu}(g) = g / (1 + e^{-g})$.

// %% tags=["exercise"]
function gated(this: Thread<object>, g: Float32Array, u: Float32Array): number {
  return 0; // yours
}

// %%
const [g, u] = [Float32Array.of(-2, 0.5, 1, 3), Float32Array.of(1, 2, -1, 4)];
const gate = await reference.download(reference.swiglu(host<"T F">([1, 4], g), host<"T F">([1, 4], u)));
const made = compile<Float32Array>(gated, [4], {})(g, u);
const alike = (a: Float32Array) => a.every((v, i) => Math.abs(v - gate.data[i]!) < 1e-6);
judge(made.some((v) => v !== 0) ? made : undefined, alike, `The first should be ${gate.data[0]!.toFixed(4)}.`);

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function gated(this: Thread<object>, g: Float32Array, u: Float32Array): number {
//   return (g[this.thread.x]! / (1 + Math.exp(-g[this.thread.x]!))) * u[this.thread.x]!;
// }
// ```
//
// </details>
//
// Next: [14, long context](14-long-context.ipynb).
