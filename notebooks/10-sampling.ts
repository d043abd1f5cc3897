// %% [markdown]
// # 10 · From logits to a token: temperature, top-k, top-p
//
// The last layer ends in one number for every token of the vocabulary, its *logit*. A model has no opinion about what comes
// next but these numbers. To write, one token must be taken, and how it is taken changes a model more than most of its
// weights do. Whoever takes the largest logit each time gets a QwQ that thinks in circles until its context is full: its
// authors say so in the first line of their advice, and here we see why.
//
// We take the logits of a real model, SmolLM2, after the words "The tide comes in twice a day because the moon", as Hugging
// Face computed them. There are 49,152 of them. The words below belong to the ids that come first.

// %%
import { readFileSync } from "node:fs";
import { distribution, draw, LoopDetector, QWQ_DEFAULTS, Random } from "qwq-ts";
import { bars, equal, golden, goldenPath, judge } from "qwq-ts/lesson";

const logits = Float32Array.from(golden("smollm2/taps.f32").values("logits"));
const words = " is, rises,'s, goes, has, orbits, moves, rotates, and, revolves, does, only, isn, appears".split(",");
const ids = [314, 13685, 506, 3935, 553, 21837, 7488, 35290, 284, 29899, 1072, 805, 3247, 4541];

// %% [markdown]
// ## The picture
//
// Above, the fourteen largest logits. They lie close together, and nobody could say from them what will be written. Below,
// the probabilities that they stand for: " is" gets a third of everything, and the rest has a long tail.

// %%
const top = ids.map((id) => logits[id]!);
const untouched = { ...QWQ_DEFAULTS, temperature: 1, topK: 0, topP: 1 };
const p1 = [...distribution(logits, [], untouched).probabilities]; // the library's; ours comes below
await bars(
  { logits: top, probability: ids.map((id) => p1[id]!) },
  "V",
  "The fourteen likeliest tokens: their logits, and their probabilities",
  { apart: true },
);

// %% [markdown]
// ## The equation
//
// $$ p_v = \frac{e^{z_v/\tau}}{\sum_{w} e^{z_w/\tau}} $$
//
// Only differences of logits count: add 5 to all of them and nothing changes. The *temperature* $\tau$ stretches the
// differences. Below 1 the likely become likelier; at 0 only the first is left, which is called *greedy*. QwQ wants
// 0.6. Subtracting the largest logit first changes nothing, except that $e^z$ cannot overflow.
//
// ## Twelve lines

// %%
function softmax(z: ArrayLike<number>, tau = 1): number[] {
  const most = Array.from(z).reduce((a, b) => Math.max(a, b));
  const e = Array.from(z, (v) => Math.exp((v - most) / tau));
  const sum = e.reduce((a, b) => a + b);
  return e.map((v) => v / sum);
}

// %% [markdown]
// ## A number to check by hand
//
// Three tokens with logits 2, 1 and 0. The powers of $e$, the largest taken away first, are 1, 0.3679 and 0.1353, together
// 1.5032. So the probabilities are 0.665, 0.245 and 0.090. At $\tau = 0.5$ the differences double: 1, 0.1353, 0.0183, and
// the first gets 0.867.

// %%
[1, 0.5].map((tau) =>
  softmax([2, 1, 0], tau)
    .map((p) => p.toFixed(3))
    .join("  "),
);

// %% [markdown]
// ## Cutting off the tail
//
// Most of the 49,152 tokens are nonsense here. Each is improbable, but together they have a share, and in an answer of a
// thousand tokens a share of one per cent is drawn ten times. One wrong word in a proof is enough. So the tail is cut:
// *top-k* keeps the $k$ likeliest, *top-p* the fewest that together reach $p$. Then the rest is scaled to add up to 1.
//
// The order matters. Temperature first, then top-k, then top-p on what top-k left: so does Hugging Face, and with other
// orders other tokens are left. QwQ's settings are 0.6, 40 and 0.95.

// %%
function nucleus(p: number[], k: number, share: number): number[] {
  const order = [...p.keys()].sort((a, b) => p[b]! - p[a]!).slice(0, k);
  const total = order.reduce((sum, id) => sum + p[id]!, 0);
  let before = 0; // the probability of those that are likelier
  return order.filter((id) => {
    const kept = share === 1 || before < share * total;
    before += p[id]!;
    return kept;
  });
}

// %% [markdown]
// Of 49,152 tokens, with QwQ's settings, so many are left:

// %%
const kept = nucleus(softmax(logits, 0.6), 40, 0.95).sort((a, b) => a - b);
kept.length;

// %% [markdown]
// ## Equal to `src`
//
// The library's is [src/generate/sampling.ts](../src/generate/sampling.ts). It finds the forty without sorting the others.

// %%
const theirs = distribution(logits, [], QWQ_DEFAULTS);
equal("the same tokens are left", kept, theirs.ids);

// %% [markdown]
// ## Equal to Hugging Face
//
// `golden/sampler/cases.jsonl` holds logits with settings of all kinds, and what transformers' processors kept of them. Our
// `nucleus` knows neither penalties nor min-p, of equal logits Hugging Face keeps all or none, and where $e^z$ is too small
// for a number, ours no longer knows which of two is smaller. The cases without these show that the order is right.

// %%
const text = readFileSync(goldenPath("sampler/cases.jsonl"), "utf8").trim();
type Settings = Record<"repetition_penalty" | "min_p" | "temperature" | "top_k" | "top_p", number>;
type Case = Settings & { logits: (number | null)[]; ids: number[] };
const cases = text.split("\n").map((line) => JSON.parse(line) as Case);

// %%
const spread = (z: number[]) => Math.max(...z) - Math.min(...z);
const fits = ({ logits: z, temperature }: Case) =>
  new Set(z).size === z.length && !z.includes(null) && spread(z as number[]) < 700 * temperature;
const plain = cases.filter((c) => c.repetition_penalty === 1 && c.min_p === 0 && fits(c));

// %%
const ours = plain.map((c) => {
  const p = softmax(c.logits as number[], c.temperature);
  return nucleus(p, c.top_k || p.length, c.top_p).sort((a, b) => a - b);
});
equal(`${plain.length} cases as Hugging Face`, ours.flat(), plain.map((c) => c.ids).flat());

// %% [markdown]
// ## Why QwQ must not be greedy
//
// Take the smallest language model there is: it knows one letter, and how often each letter followed it in a text. There are
// some thirty letters. Written greedily, it must come to a letter that it has written before after at most thirty steps, and
// from there everything repeats, for ever: the next letter depends on nothing but the last. Here it is, on a page about tides.

// %%
const page = readFileSync(goldenPath("smollm2/text.txt"), "utf8").toLowerCase();
const prose = page.replace(/[^a-z]+/g, " ");
const letters = [..." abcdefghijklmnopqrstuvwxyz"];
const counts = letters.map((a) => letters.map((b) => prose.split(a + b).length - 1));
const asText = (ids: number[]) => ids.map((i) => letters[i]).join("");

// %%
function write(steps: number, next: (row: number[]) => number): number[] {
  const written = [letters.indexOf("t")];
  while (written.length < steps) written.push(next(counts[written.at(-1)!]!));
  return written;
}
const greedy = write(600, (row) => row.indexOf(Math.max(...row)));
asText(greedy.slice(0, 60));

// %% [markdown]
// A transformer looks at more than the last token, so its loops are longer and take longer to begin; but the same holds. A
// thought that was written twice makes it likelier that it is written a third time, since copying is the first thing that
// attention learns. Greedy decoding follows every such pull to the end. A draw leaves the loop now and then, and it takes
// only one token to be out of it. A model that thinks for ten thousand tokens needs that more than one that answers in twenty.

// %%
const random = new Random(7n);
const drawn = write(600, (row) => {
  const z = Float32Array.from(row, (n) => Math.log(n));
  return draw(distribution(z, [], untouched), random.fraction());
});
asText(drawn.slice(0, 60));

// %% [markdown]
// No English, but no circle either. The library watches for circles while a model writes
// ([docs/repetition.md](../docs/repetition.md) says what counts as one); of the two texts it takes the first for one.

// %%
const loopIn = (text: number[]) => {
  const detector = new LoopDetector();
  return text.map((token) => detector.push(token)).find((loop) => loop !== undefined);
};
[loopIn(greedy)?.period, loopIn(drawn)?.period];

// %% [markdown]
// ## Exercises
//
// **1.** At which temperature does the second of two tokens, whose logits are 2 and 0, have a probability of exactly one
// quarter? Work it out: $p_2 = 1/(1 + e^{2/\tau})$.

// %% tags=["exercise"]
const tau: number | undefined = undefined; // your answer, to three digits

// %%
judge<number>(tau, (t) => Math.abs(t - 2 / Math.log(3)) < 0.005, "One quarter means that e^(2/τ) is 3.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const tau = 2 / Math.log(3); // 1.820
// ```
//
// </details>
//
// **2.** *min-p* keeps the tokens that have at least the fraction $m$ of the likeliest one's probability. Write it.

// %% tags=["exercise"]
function minP(p: number[], m: number): number[] | undefined {
  return undefined; // yours: the ids that are kept, ascending
}

// %%
const wanted = [...distribution(logits, [], { ...untouched, minP: 0.05 }).ids];
const same = (found: number[]) => found.join() === wanted.join();
judge(minP(p1, 0.05), same, `The library keeps ${wanted.length} ids: ${wanted.slice(0, 4).join(", ")}, ...`);

// %% [markdown]
// Min-p asks how sure the model is: where one token has nearly everything, hardly another is kept; where many are equally
// likely, all of them are. Top-k keeps forty in both cases.
//
// <details><summary>An answer</summary>
//
// ```ts
// function minP(p: number[], m: number): number[] | undefined {
//   const least = m * p.reduce((a, b) => Math.max(a, b));
//   return [...p.keys()].filter((id) => p[id]! >= least);
// }
// ```
//
// </details>
//
// Next: [11, sixty-four layers from disk](11-from-disk.ipynb).
