// %% [markdown]
// # 14 · Long context: from 32,768 tokens to 131,072
//
// A thinking model writes much before it answers, and some questions come with a whole book. QwQ was trained on texts of up
// to 32,768 tokens. Its makers promise four times as many, 131,072, without a single new weight: one entry in `config.json`
// is enough. It is called *YaRN* ("yet another RoPE extension", Peng et al. 2023), and it changes nothing but the speed of
// some of the clocks of [notebook 05](05-rope.ipynb).
//
// Nothing in the code forbids place 100,000 to a model that never saw it. The program runs, and the text turns to gibberish.
// So the question is what such a place looks like to the model, and that is a question about angles.

// %%
import { frequencies, forward, openCheckpoint, QWQ_32B, reference, type Rope, type Weights } from "qwq-ts";
import { clocks, equal, golden, goldenJson, goldenPath, judge, lines, times } from "qwq-ts/lesson";

const { D, theta } = QWQ_32B.rope; // 128 channels a head, so 64 pairs; base 1,000,000
const f = times(D / 2, (d) => theta ** ((-2 * d) / D));
const [trained, factor] = [32_768, 4];

// %% [markdown]
// ## The picture
//
// How many whole turns has each of the 64 hands made when a text of 32,768 tokens is at its end? The fastest made 5,215. The
// slowest has moved by two degrees. The two lines across are at 32 turns and at one.

// %%
const d = [...f.keys()];
const turns = (n: number) => f.map((frequency) => (n * frequency) / (2 * Math.PI));
const level = (value: number) => ({ x: d, y: d.map(() => value), of: "faint" }) as const;
await lines(
  { "turns in 32,768 tokens": { x: d, y: turns(trained), of: "D" }, "32 turns": level(32), "one turn": level(1) },
  "Turns of each pair within the trained context: from 5,215 down to 0.006; 40 pairs turn at least once, 24 do not",
  { x: "pair d", y: "turns", log: "y" },
);

// %% [markdown]
// A hand that went round many times has pointed everywhere: whatever comes later, the model has seen that angle. A hand that
// never came round has shown the model a slice of its circle and no more. Beyond the trained context it points where it never
// pointed before, and no weight has learnt what that means. Here are two fast hands and two slow ones.

// %%
const some = [12, 30, 48, 56];
const pairs = (i: number) => [some[i]!, some[i]! + D / 2] as const;
const at = (all: ArrayLike<number>) => some.map((i) => all[i]!);
clocks(at(f), [8191, 32_767, 131_071], pairs, "As trained: at 131,071 the slow hands point to where they never were");

// %% [markdown]
// The hand of the pair (48, 112) covered 59 degrees in training. At 131,071 it stands at 237.
//
// ## Two ways out that are not good
//
// *Do nothing*: the angles are new, the text falls apart.
//
// *Divide every place by four* ("position interpolation", Chen et al. 2023). All angles are known ones again. But the fast
// hands now turn by a quarter of a radian a token instead of one, and it is the fast hands that tell the word just before
// from the one before that. The model has learnt what *one radian* means; all near words now look too near.
//
// YaRN does each where it does no harm: hands that turn often are left alone, hands that do not come round are slowed down by
// the factor, and in between it goes from the one to the other.
//
// ## The equation
//
// The pair that turns $n$ times within $L$ tokens is
//
// $$ d(n) = \frac{D \ln\!\big(L / 2\pi n\big)}{2 \ln \theta} $$
//
// With $\text{low} = \lfloor d(32) \rfloor$ and $\text{high} = \lceil d(1) \rceil$ and the factor $s$:
//
// $$ r_d = \operatorname{clamp}\!\Big(\frac{d - \text{low}}{\text{high} - \text{low}},\, 0,\, 1\Big), \qquad
//    f'_d = f_d \, (1 - r_d) + \frac{f_d}{s} \, r_d $$
//
// ## Twelve lines

// %%
const pairThatTurns = (n: number, L: number) => (D * Math.log(L / (2 * Math.PI * n))) / (2 * Math.log(theta));

function ramp(pair: number, L: number): number {
  const [low, high] = [Math.floor(pairThatTurns(32, L)), Math.ceil(pairThatTurns(1, L))];
  return Math.min(1, Math.max(0, (pair - low) / (high - low)));
}
const yarn = (L: number, s: number) => f.map((frequency, i) => frequency * (1 - ramp(i, L) + ramp(i, L) / s));

// %% [markdown]
// ## A check by hand
//
// With $L$ = 32,768: $L/(2\pi \cdot 32) = 162.97$, whose logarithm is 5.094, and $\ln \theta = 13.816$. So
// $d(32) = 128 \cdot 5.094 / 27.631 = 23.60$, and $d(1) = 128 \cdot 8.559 / 27.631 = 39.65$. The ramp goes from 23 to 40. For
// the pair 30 it stands at $7/17 = 0.412$, so its frequency is multiplied by $0.588 + 0.412/4 = 0.691$.

// %%
const slowed = yarn(trained, factor);
const digits = (numbers: readonly number[]) => numbers.map((v) => v.toFixed(3)).join("  ");
digits([pairThatTurns(32, trained), pairThatTurns(1, trained), ramp(30, trained), slowed[30]! / f[30]!]);

// %% [markdown]
// ## The ramp
//
// What is left of each speed: all of it up to the pair 23, a quarter of it from 40 on. Below it is what interpolation does.

// %%
const share = { x: d, y: slowed.map((v, i) => v / f[i]!), of: "D" } as const;
const shared = { YaRN: share, interpolation: { x: d, y: d.map(() => 1 / factor), of: "faint" } } as const;
const ends = { x: "pair d", y: "share of the speed", yDomain: [0, 1.05] } as const;
await lines(shared, "YaRN keeps the speed of 24 pairs, divides that of 24 by four, and ramps between", ends);

// %% [markdown]
// And the clocks at the end of the long text, with the new speeds. The slow hands are back where they stood at the end of a
// short one: at 131,071 the pair (48, 112) stands at 59 degrees again.

// %%
clocks(at(slowed), [8191, 32_767, 131_071], pairs, "With YaRN: the slow hands stay inside the slice that was trained");

// %% [markdown]
// ## What it does to near words
//
// In notebook 05 one vector was compared with itself at a growing distance. Here is that curve again for the nearest 24
// tokens. YaRN's lies on the trained one, and hides it. Interpolation is the same curve drawn out by four: a neighbour at
// distance four looks as one at distance one did.

// %%
const distances = times(25, (n) => n);
const score = (speeds: readonly number[]) =>
  distances.map((n) => speeds.reduce((sum, v) => sum + Math.cos(n * v), 0) / speeds.length);
const near = (speeds: readonly number[], of: "D" | "S" | "faint") => ({ x: distances, y: score(speeds), of });
const quarter = f.map((v) => v / factor);
const curves = { trained: near(f, "S"), YaRN: near(slowed, "D"), interpolation: near(quarter, "faint") };
const axes = { x: "distance in tokens", y: "score", points: true } as const;
await lines(curves, "YaRN's curve lies on the trained one; that of interpolation falls four times more slowly", axes);

// %% [markdown]
// ## The attention factor
//
// Four times as many keys stand in the sum below the softmax, so each gets less, and the one that matters gets less too. YaRN
// makes up for it by larger scores: cosine and sine, of queries and of keys, are multiplied by
//
// $$ m = 0.1 \ln s + 1 $$
//
// By hand: $\ln 4 = 1.3863$, so $m = 1.1386$. It acts on both sides of a score, which grows by $m^2 = 1.2965$. The formula was
// fitted to models, not derived. The next cell shows what it is about: one key whose score is $z$ above that of all others,
// among 32,768 keys, among 131,072, and among 131,072 with the factor.

// %%
const m = 0.1 * Math.log(factor) + 1;
const weight = (z: number, keys: number) => 1 / (1 + (keys - 1) * Math.exp(-z));
const [short, long] = [trained, trained * factor];
times(3, (i) => 8 + 2 * i).map(
  (z) => `z = ${z}: ${digits([weight(z, short), weight(z, long), weight(m * m * z, long)])}`,
);

// %% [markdown]
// Without it a key that stands out loses up to three quarters of its weight. With it such a key has more than before: it
// does not restore the weights, it sharpens them, and that is what worked best.
//
// ## Equal to `src`
//
// [src/reference/frequencies.ts](../src/reference/frequencies.ts) rounds to float32 after each step, as Hugging Face does:
// the power, the quotient, the ramp and its complement, the product and the sum. We computed in float64 without rounding, so
// we may be off by one step of float32 for each of these six.

// %%
const rope: Rope = {
  D,
  theta,
  yarn: { factor, original: trained, attention: m, fast: 32, slow: 1, truncate: true },
};
const theirs = frequencies(rope);
equal("our speeds are src's", slowed, theirs.f, { ulps: 6 });
equal("our factor is src's", [Math.fround(m)], [theirs.attention]);

// %% [markdown]
// ## Equal to Hugging Face
//
// The golden file holds the frequencies and the factor that transformers computes for exactly this configuration. It also has
// `f.f64`: the same steps in float32, each rounded as it should be. Those bits are `src`'s. Hugging Face may be two steps away,
// since the float32 power of torch is not always rounded correctly, and YaRN adds two numbers that come from it.

// %%
const cases = golden("ops/rope");
equal("src's speeds are the specification's", theirs.f, cases.values("yarn.f.f64"));
equal("src's speeds are Hugging Face's", theirs.f, cases.values("yarn.f"), { ulps: 2 });
equal("src's factor is Hugging Face's", [theirs.attention], cases.values("yarn.attention").map(Math.fround));

// %% [markdown]
// Then a whole model with YaRN: two small layers whose trained context is 24 tokens and whose factor is 4, on a text of 48.
// Hugging Face's logits in float32 are off from those in float64 by some noise; `src` may be off from them by four times that.

// %%
const small = openCheckpoint(goldenPath("model/yarn"));
const ids = Uint32Array.from(goldenJson<{ ids: number[] }>("model/yarn.json").ids);
async function logits(w: Weights): Promise<Float32Array> {
  const caches = reference.cache(small.config, ids.length);
  return (await reference.download(forward(reference, w, ids, caches))).data;
}
const [hf, truth] = [golden("model/yarn.f32").values("logits"), golden("model/yarn.f64").values("logits")];
const noise = Math.max(...hf.map((v, i) => Math.abs(v - truth[i]!)));
const whole = await logits(small.weights);
equal("src's logits are Hugging Face's", whole, hf, { floor: noise });

// %% [markdown]
// ## It is not only for long texts
//
// YaRN as everybody has it is *static*: the speeds are changed once, for every text, however short. The same model with the
// entry taken out of its configuration gives other logits from the second token on, though the trained 24 are far from full.
// (At the first token there is nothing to compare with: a single key has all of the weight, whatever its angle.)

// %%
const without = await logits({ ...small.weights, rope: { ...small.weights.rope, yarn: undefined } });
const V = small.config.vocabulary;
const off = times(ids.length, (t) => Math.max(...times(V, (v) => Math.abs(without[t * V + v]! - whole[t * V + v]!))));
const byPlace = { "without YaRN": { x: times(ids.length, (t) => t), y: off, of: "T" } } as const;
await lines(byPlace, "Without YaRN all logits but the first token's differ at once", { x: "place", y: "difference" });

// %% [markdown]
// So a model that was made for short texts becomes a little worse on them when YaRN is on. That is why QwQ's published
// configuration leaves it out. Its README gives it for prompts of more than 8,192 tokens:
//
// ```json
// "rope_scaling": { "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768 }
// ```
//
// Everything in it matters. If `original_max_position_embeddings` is missing, the context that the file promises stands in
// for it, and the ramp moves. If the entry is dropped, there is no error at all. And some releases of transformers until
// August 2025 did not look at `factor`: they divided the promised context by the original one. At QwQ's release that was
// 131,072 / 32,768 = 4. When the file was corrected to 40,960, the same line gave 1.25.
//
// One thing YaRN does not give is memory. A token's keys and values take 262,144 bytes ([notebook 07](07-heads-and-cache.ipynb)),
// so that the long context costs:

// %%
const bytesOfToken = 2 * QWQ_32B.layers * QWQ_32B.keyHeads * QWQ_32B.headSize * 2; // keys and values, two bytes a number
[trained, 40_960, trained * factor].map((n) => `${n} tokens: ${(n * bytesOfToken) / 2 ** 30} GiB`).join(", ");

// %% [markdown]
// ## Exercises
//
// **1.** A key stands out by $z$ among 32,768 others that are all alike. At which $z$ does the attention factor make up
// *exactly* for four times as many keys? (Take the number of the others as four times as large, then the sum is simple:
// $e^{-z}$ and $4 e^{-m^2 z}$ must be equal.)

// %% tags=["exercise"]
const even: number | undefined = undefined; // your answer, to two digits after the point

// %%
judge<number>(even, (z) => Math.abs(z - 4.676) < 0.01, "Take logarithms: z (m² - 1) = ln 4, and m² is 1.2965.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Keys that stand out by more than this gain, others lose.
//
// ```ts
// const even = Math.log(4) / (m * m - 1); // 4.676
// ```
//
// </details>
//
// **2.** An engine overlooks `original_max_position_embeddings` and takes the 40,960 of the file in its place. How many of the
// 64 pairs get another speed than they should? Let `yarn` tell you.

// %% tags=["exercise"]
const wrongPairs: number | undefined = undefined; // your answer

// %%
const [right, overlooked] = [cases.values("yarn.f"), cases.values("yarn-no-original.f")];
const differing = d.filter((i) => overlooked[i] !== right[i]).length;
judge<number>(wrongPairs, (n) => n === differing, "Compare yarn(40_960, factor) with slowed, pair by pair.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// The ramp goes from 24 to 41 instead of 23 to 40; all pairs on either of the two ramps are wrong, the others are as they
// should be. The judge did not use your function: Hugging Face's own frequencies for that file are among the goldens.
//
// ```ts
// const wrongPairs = yarn(40_960, factor).filter((v, i) => v !== slowed[i]).length; // 17
// ```
//
// </details>
//
// Next: [15, spot the bug](15-spot-the-bug.ipynb).
