// %% [markdown]
// # 15 · Spot the bug: the oracle and its mutants
//
// An engine that runs a language model is a few thousand lines, and a wrong one hardly ever crashes. It answers, a little
// worse than it should. Its author compares one sentence with Hugging Face's, finds the same words and ships it. A year later
// somebody notices that long prompts go astray.
//
// This notebook finds such bugs from outside. Every activation of a run has a name, from `embed` to `logits`; in each layer
// `0.n1`, `0.q`, `0.k` and so on, as [src/model.ts](../src/model.ts) calls them: a *tap*. A wrong engine hands out its taps,
// we hold them against right ones in the order in which they are computed, and the first that is wrong tells the line.
//
// We need a model (the tiny one of `golden`, three layers, random weights), a prompt of eleven tokens, and right taps.

// %%
import { type Bundle, compareBundles, diagnose, dimsOf, klOf, openCheckpoint, type Ops, reference } from "qwq-ts";
import { type Host, measureNoise, policyOf, record } from "qwq-ts";
import { bundleOf, equal, golden, goldenJson, goldenPath, judge, lines, mystery } from "qwq-ts/lesson";

const model = openCheckpoint(goldenPath("model/tiny"));
const ids = Uint32Array.from(goldenJson<{ ids: number[] }>("model/tiny.json").ids);

// %%
const run = (ops: Ops) => record(ops, model, ids, { tier: "full" });
const noise = measureNoise(model, ids, { policies: [policyOf("f32")], local: false });
const right = bundleOf("reference", ids, await run(reference), noise);
const names = right.manifest.taps.map(({ name }) => name);
names.length;

// %% [markdown]
// `noise` is the heart of it, and we come back to it. A folder of taps is called a *bundle*;
// [docs/oracle-ci.md](../docs/oracle-ci.md) shows how engines in other languages write one.
//
// ## A bug that every test lets pass
//
// Here is an engine with one number wrong. The model's file says $\varepsilon = 10^{-5}$, the engine's author had
// $10^{-3}$ in mind. Its other lines are right.

// %%
const sloppy: Ops = { ...reference, rmsNorm: (x, g) => reference.rmsNorm(x, g, 1e-3) };
const wrong = bundleOf("sloppy", ids, await run(sloppy));

// %% [markdown]
// What do people test? The *cosine* between the two engines' logits, which should be above 0.99; whether the likeliest
// token is the same at each position; perhaps the divergence of the two distributions. All of these are *end-to-end*: they
// look at what comes out at the end, and there the error has been diluted by everything else that was added.

// %%
function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
const gates = (engine: Bundle) => ({
  cosine: cosine(right.read("logits")!.data, engine.read("logits")!.data).toFixed(6),
  otherTokens: klOf(right, engine).flips,
  divergence: klOf(right, engine).mean.forward.toExponential(0),
});
gates(wrong);

// %% [markdown]
// A cosine of 1 to six digits, and the same words everywhere. Shall we ask for more digits? Here is an engine that is right:
// Hugging Face in bfloat16, the format in which QwQ-32B is published, on the same prompt.

// %%
const narrow = golden("model/tiny.bf16").values("logits");
cosine(right.read("logits")!.data, narrow).toFixed(6);

// %% [markdown]
// The right engine is further off than the wrong one. No bound on this number can tell them apart: one that fails the
// sloppy engine fails everybody who computes in bfloat16. With bugs planted in Hugging Face itself, a cosine above
// 0.99 let 70 of 177 wrong engines pass on this model, "the same likeliest tokens" let 33 pass
// ([docs/oracle.md](../docs/oracle.md) has the tables). What is missing is not a stricter number but a *unit*.
//
// ## The picture
//
// The unit is noise. Two right engines differ, since float32 rounds and they add in different orders. How much, can be
// measured: the oracle runs itself in float64, then again as float32 engines round, in several orders, and keeps for each
// tap and each token how far these come apart. An error divided by that noise is called $z$. A right engine has $z$ of
// about 1, and hardly ever 3, whatever the tap, the layer and the model.
//
// Below, two engines, tap after tap: Hugging Face as it was recorded, and ours with the wrong number. (What is below 0.01
// is drawn at 0.01.)

// %%
const recorded = golden("model/tiny.f32");
const theirs = names.map((name) => ({ name, dims: dimsOf(name), data: recorded.tensor<string>(name) }));
const [healthy, sick] = [bundleOf("Hugging Face", ids, theirs), wrong].map((one) => compareBundles(right, one));

// %%
const x = names.map((_, i) => i);
const zs = (report = sick!) => report.taps.map(({ z }) => Math.max(z, 0.01));
await lines(
  {
    "Hugging Face": { x, y: zs(healthy), of: "ink" },
    "the sloppy engine": { x, y: zs(sick), of: "wrong" },
    "six noises": { x, y: x.map(() => 6), of: "faint" },
  },
  "Hugging Face stays near one noise at every tap; the wrong engine is thousands of noises off from the first norm on",
  { x: "taps, in the order in which they are computed", y: "z, in noises", log: "y" },
);

// %% [markdown]
// No judgement is needed to tell these two apart. The wrong engine leaves at the second tap, `0.n1`, and never comes back.
// To its logits the error is small; to what float32 could have done by itself it is enormous.
//
// ## The equation
//
// For token $t$, with $x_t$ the right row of a tap and $y_t$ the engine's:
//
// $$ r_t = \frac{\lVert y_t - x_t \rVert}{\lVert x_t \rVert}, \qquad z_t = \frac{r_t}{\text{noise}_t} $$
//
// Above 3 a tap warns, above 6 it fails. The bug is at the first tap that fails *while what it is computed from is clean*:
// taps further down inherited the error and are innocent.
//
// ## Twelve lines

// %%
function relative(right: ArrayLike<number>, given: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let c = 0; c < right.length; c++) {
    error += (given[c]! - right[c]!) ** 2;
    size += right[c]! ** 2;
  }
  return Math.sqrt(error / size);
}
const firstDirty = (z: number[]) => z.findIndex((one) => one > 6);

// %% [markdown]
// ## A number to check by hand
//
// Let the right row be $(3, 4)$ and the engine's $(3, 4.01)$. The difference has length 0.01, the row 5, so $r = 0.002$. Is
// that much? In float32, where rounding makes $10^{-7}$ of it, $z$ is 20,000. In bfloat16, where right engines are
// 0.004 apart, $z$ is one half, and there is nothing to see. The same $r$ is a bug here and none there.

// %%
const r = relative([3, 4], [3, 4.01]);
[r, r / 1e-7, r / 0.004].map((one) => Number(one.toPrecision(3)));

// %% [markdown]
// ## Equal to `src`
//
// The library's is [src/oracle/compare.ts](../src/oracle/compare.ts). We take each row of the first norm, and compute $r$
// and $z$ ourselves. Both sum in float64, where a square may be rounded
// otherwise: far less than the one step of float32 that is allowed.

// %%
const rowsOf = ({ shape, data }: Host<string>) =>
  Array.from({ length: shape[0]! }, (_, t) => data.subarray(t * shape[1]!, (t + 1) * shape[1]!));
const [good, bad] = [right, wrong].map((one) => rowsOf(one.read("0.n1")!));
const ours = good!.map((row, t) => relative(row, bad![t]!));

// %% [markdown]
// A row that is hardly rounded has a noise of nearly nothing, and dividing by that would blame an honest engine for its last
// bit. So no noise is taken to be below half a step of float32, $2^{-24}$.

// %%
const reported = sick!.taps[names.indexOf("0.n1")]!.rows;
const all = (of: "r" | "z") => Float64Array.from(reported, (row) => row[of]);
const own = right.noise!.get("f32")!.get("0.n1")!.cumulative;
const z = ours.map((one, t) => one / Math.max(own[t]!, 2 ** -24));
equal("our r is the report's", ours, all("r"), { ulps: 1 });
equal("our z is too", z, all("z"), { ulps: 1 });
equal("and so is the place", [firstDirty(zs(sick))], [names.indexOf(sick!.first!.tap)]);

// %% [markdown]
// ## Equal to Hugging Face
//
// A judge who fails everybody finds every bug. So the more important half: Hugging Face's own float32, another program by
// other people, must pass. It does, at every tap.

// %%
equal("no tap of Hugging Face's fails or warns", healthy!.taps.filter(({ z }) => z > 3).map(({ z }) => z), []); // prettier-ignore
[healthy!.verdict, sick!.verdict];

// %% [markdown]
// That z is a good unit shows in the noise itself: it grows on its way through the layers, since rounding errors are
// handed on. One tolerance for all taps is too strict at the end or too lax at the beginning, and of the next
// model it is wrong altogether.

// %%
const noiseAt = (tap: string) => Math.max(...noise.get("f32")!.get(tap)!.cumulative).toExponential(1);
["0.n1", "0.out", "1.out", "2.out", "logits"].map((tap) => `${tap}: ${noiseAt(tap)}`);

// %% [markdown]
// ## Mutants
//
// The tap says which line of the page is wrong: `n1 = rmsNorm(x, W.g1, eps)`. But what is wrong in it? The gains, the
// root, $\varepsilon$, the order? The oracle tries. It takes the engine's *own input* of that line, computes the line in a way in which
// people are known to get it wrong, and looks whether it gets what the engine got. Such a wrong line is a *mutant*. We try
// four values of $\varepsilon$:

// %%
const [, W] = [...model.weights.layers()][0]!;
const given = wrong.read("embed") as unknown as Host<"T C">;
const guess = async (eps: number) => (await reference.download(reference.rmsNorm(given, W.g1, eps))).data;
const far = [1e-6, 1e-5, 1e-4, 1e-3].map(async (eps) => relative(await guess(eps), wrong.read("0.n1")!.data));
(await Promise.all(far)).map((one) => one.toExponential(1));

// %% [markdown]
// The last mutant agrees with the engine to the bit. That is stronger than "the engine is wrong": among all ways to be wrong it
// is wrong in just this one. The library has 33 kinds of mutants, each a bug that was found in a real engine
// ([docs/divergence/mutants.md](../docs/divergence/mutants.md) tells where), and fits the numbers in them by itself.

// %%
const { diagnosis } = diagnose(wrong, model);
diagnosis.slice(0, 3).map(({ code, variant, margin }) => [code, variant, margin > 2 ? "far nearer" : "not near"]);

// %% [markdown]
// It must also be able to say "I do not know". Here is a bug that no mutant has: somebody took $\max(0, g)$ for the gate, as
// models before SwiGLU did. The place is found all the same, since that needs no list; and of its 33 stories the oracle tells none.

// %%
const relu = (g: Host<"T F">, u: Host<"T F">): Host<"T F"> =>
  Object.assign({ ...u }, { data: u.data.map((v, i) => Math.max(0, g.data[i]!) * v) });
const old: Ops = { ...reference, swiglu: (g, u) => relu(g as Host<"T F">, u as Host<"T F">) };
const { first, none } = diagnose(bundleOf("old", ids, await run(old)), model);
[first?.tap, none];

// %% [markdown]
// ## Exercises
//
// **1.** A failing report. The engine `mystery` has one line wrong, in one layer. (Its source is in the repository, and
// reading it would spoil the fun.) These are its taps that fail, with their $z$, and before them the last that are clean.

// %%
const puzzle = bundleOf("mystery", ids, await run(mystery()));
const report = compareBundles(right, puzzle);
const start = firstDirty(report.taps.map(({ z }) => z));
({
  ...gates(puzzle),
  taps: report.taps.slice(start - 6, start + 9).map(({ tap, z }) => `${tap} ${z > 6 ? z.toExponential(1) : "clean"}`),
});

// %% [markdown]
// Which line of [src/model.ts](../src/model.ts) is it? Write the name that stands left of its `=`.

// %% tags=["exercise"]
const line: string | undefined = undefined; // such as "n1"

// %%
judge<string>(
  line,
  (name) => name === report.first!.tap.split(".")[1],
  "The first that fails while all before it are clean.",
);

// %% [markdown]
// <details><summary>An answer</summary>
//
// The keys are clean before they are turned (`2.k`) and wrong after it (`2.kr`), while the queries are turned rightly
// (`2.qr`). So it is the line `const kr = rope(k, pos, R)`, and what it takes that the line above does not is `k`; with `k` clean, either
// the angle or the pairing is wrong.
//
// ```ts
// const line = "kr";
// ```
//
// </details>
//
// **2.** Which bug is it? Try to be the oracle: turn the engine's own `2.k` at another position `pos` (the right one is 0) until you get
// its `2.kr`. The function below returns how far you are off.

// %%
const keys = puzzle.read("2.k") as unknown as Host<"T KD">;
const turned = puzzle.read("2.kr")!.data;
async function offBy(pos: number): Promise<number> {
  const mine = await reference.download(reference.rope(keys, pos, model.weights.rope));
  return relative(mine.data, turned);
}
(await offBy(0)).toFixed(3);

// %% tags=["exercise"]
const place: number | undefined = undefined; // a whole number

// %%
const off = place === undefined ? undefined : await offBy(place);
judge<number>(off, (one) => one === 0, "A beginner's mistake: counting from something else than 0.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const place = 1;
// ```
//
// Every key says that it stands one place further on than it does. Attention sees only distances, so each token is one
// step nearer to the others than it should be, and the model goes on making sense. `diagnose(puzzle, model)` calls it
// `rope-offset`, "positions +1, k alone".
//
// </details>
//
// **3.** Be the villain. Write an engine that is wrong, whose divergence is below a thousandth of the sloppy engine's, and
// which the oracle fails nevertheless.

// %% tags=["exercise"]
const villain: Partial<Ops> | undefined = undefined; // such as { rmsNorm: (x, g) => ... }

// %%
const made = villain && bundleOf("villain", ids, await run({ ...reference, ...(villain as Partial<Ops>) }));
const quiet = (one: Bundle) => klOf(right, one).mean.forward < klOf(right, wrong).mean.forward / 1000;
const caught = (one: Bundle) => quiet(one) && compareBundles(right, one).verdict === "fail";
judge<Bundle>(made, caught, "The sloppy engine's mistake, but a smaller one.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const villain: Partial<Ops> | undefined = { rmsNorm: (x, g) => reference.rmsNorm(x, g, 2e-5) };
// ```
//
// </details>
//
// Outside of notebooks all of this is `qwq oracle record`, `compare`, `diagnose` and `explain`, and an action for GitHub
// ([docs/oracle-ci.md](../docs/oracle-ci.md)).
//
// Next: [16, learning to think](16-learning-to-think.ipynb).
