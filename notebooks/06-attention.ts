// %% [markdown]
// # 06 · Attention: each token looks back
//
// Up to here every token was alone. Attention is the one place of the model where a token can read what stands before it. It
// asks a question, its *query*; every token offers a *key*; where query and key fit, the token takes that one's *value*. All
// three are linear maps of the token's state (notebook 04), and query and key are turned by its place (notebook 05).
//
// A layer does this many times at once, in *heads* of a few channels each, since one word may need to look for its verb, its
// subject and the start of the sentence all in the same moment. Each head has its own queries and its own weights.
//
//
// We use a real layer: the fifteenth of SmolLM2, on one sentence, with its own queries, keys and values.

// %%
import { host, reference } from "qwq-ts";
import { attentionMap, bars, equal, golden, goldenJson, judge, times } from "qwq-ts/lesson";

const { tokens } = goldenJson<{ tokens: string[] }>("lessons/smollm2.json");
const real = golden("lessons/smollm2");
const [T, H, K, D] = [tokens.length, 9, 3, 64];
const [q, k, v] = ["qr", "kr", "v"].map((name) => real.values(name) as Float32Array);

// %% [markdown]
// ## The equation
//
// For the token at place $t$, in one head:
//
// $$ p_{t s} = \operatorname{softmax}_{s \le t}\!\left( \frac{q_t \cdot k_s}{\sqrt D} \right), \qquad
//    a_t = \sum_{s \le t} p_{t s}\, v_s $$
//
// The softmax turns scores into *weights*: all positive, together 1, large scores exponentially larger. $s \le t$ is the
// *mask*: nobody looks ahead, since when the model writes there is nothing ahead yet. The $\sqrt D$ keeps scores at one size
// however many channels are added up: without it the softmax would pick one token and ignore the rest.
//
// ## Twelve lines

// %%
function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores); // e^(x - most) cannot overflow, and the quotient is the same
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

// %%
/** Row t of a head: channels [at, at + D) of a token's row. */
const row = (x: Float32Array, t: number, h: number) =>
  x.subarray(t * (x.length / T) + h * D, t * (x.length / T) + (h + 1) * D);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

function weights(h: number, t: number): number[] {
  const kh = Math.floor(h / (H / K)); // three queries share a key: notebook 07
  return softmax(times(t + 1, (s) => dot(row(q!, t, h), row(k!, s, kh)) / Math.sqrt(D)));
}

// %% [markdown]
// ## The picture
//
// One head's weights: a row for each token that looks, a column for each that is looked at; what lies ahead is blank. Every row
// adds up to one, and the picture refuses to be drawn if it does not.

// %%
const padded = (h: number) => times(T, (t) => [...weights(h, t), ...times(T - 1 - t, () => 0)]);
attentionMap(padded(1), tokens, "Attention weights of head 1 over the sentence", "layer 14, head 1");

// %%
attentionMap(padded(4), tokens, "Attention weights of head 4 over the sentence", "layer 14, head 4");

// %% [markdown]
// Much of the weight lies in the first column. The first word is not that interesting: it is an *attention sink*. The weights of
// a row must add up to one, even if the head finds nothing worth reading; so it has learnt to put what is left over where it does
// no harm. The first token serves, being the only one that everybody can see. Here is each head's mean weight on it:

// %%
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const onFirst = times(H, (h) => mean(times(T - 1, (t) => weights(h, t + 1)[0]!)));
const said = "Mean weight on the first token, by head: most heads give it more than half";
await bars({ "on the first token": onFirst }, "H", said);

// %% [markdown]
// Drop the first tokens from a cache to save memory, and the model falls apart: the sink was holding it up (Xiao et al., 2023).
//
// ## A check by hand
//
// Two keys with scores $0$ and $\ln 3$. The powers are 1 and 3, so the weights are ¼ and ¾; values 8 and 4 give
// $\tfrac14 \cdot 8 + \tfrac34 \cdot 4 = 5$.

// %%
const [quarter, rest] = softmax([0, Math.log(3)]);
[quarter!.toFixed(4), rest!.toFixed(4), (quarter! * 8 + rest! * 4).toFixed(4)].join("  ");

// %% [markdown]
// ## Equal to `src`
//
// [src/reference/attention.ts](../src/reference/attention.ts) for all heads and tokens at once. It keeps scores and sums in
// float64, as we do.

// %%
const output = (t: number, h: number, d: number) =>
  weights(h, t).reduce((sum, weight, s) => sum + weight * row(v!, s, Math.floor(h / (H / K)))[d]!, 0);
const ours = times(T, (t) => times(H, (h) => times(D, (d) => output(t, h, d)))).flat(2);
const [tq, tk, tv] = [host<"T HD">([T, H * D], q!), host<"S KD">([T, K * D], k!), host<"S KD">([T, K * D], v!)];
const src = await reference.download(reference.attention(tq, tk, tv, D));
equal("ours is src's", Float32Array.from(ours), src.data, { ulps: 1 });

// %% [markdown]
// ## Equal to Hugging Face
//
// Hugging Face gave its attention weights and its output for the same layer and sentence. It computes in float32. A score here is
// a sum of 64 products as large as 20, so its last bit is 2e-6, and a weight that is off by as much in its exponent is off by the
// same share. The weights agree to four millionths, in all nine heads; the output to as many roundings of the largest value.

// %%
const hf = real.values("attention"); // [H, T, T]
equal("weights", times(H, padded).flat(2), hf, { floor: 1e-6 });
const largest = new Float32Array(src.data.length).fill(Math.max(...v!.map(Math.abs)));
equal("output", src.data, real.values("a"), { roundings: 64, of: largest });

// %% [markdown]
// ## The mask, broken
//
// What if the mask is forgotten? While a prompt is read, every token sees the whole prompt, also what comes after it. While the
// model writes there is nothing after. So the two disagree: the same text, read at once or token by token, has different states.
// A test that compares them finds the bug; reading the output does not, since it looks nearly right.
//
// ## Exercises
//
// **1.** How many scores does one head compute for a prompt of 1,000 tokens, with the mask?

// %% tags=["exercise"]
const scores: number | undefined = undefined; // your answer

// %%
judge<number>(scores, (n) => n === 500_500, "Token t looks at t + 1 tokens: 1 + 2 + ... + 1000.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// This grows with the square of the length: that is why long prompts are slow to read.
//
// ```ts
// const scores = (1000 * 1001) / 2;
// ```
//
// </details>
//
// **2.** Forget the $\sqrt D$ (an engine did). What is then the largest weight that the last token gives in head 4?

// %% tags=["exercise"]
function largestUnscaled(h: number): number | undefined {
  return undefined; // yours: `row`, `dot` and `softmax` are above
}

// %%
const unscaled = largestUnscaled(4);
const truth = Math.max(...softmax(tokens.map((_, s) => dot(row(q!, T - 1, 4), row(k!, s, 1)))));
judge(unscaled, (weight) => Math.abs(weight - truth) < 1e-9, "As `weights`, with t = T - 1 and without the division.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Nearly 1: one token is picked, the others are not heard.
//
// ```ts
// function largestUnscaled(h: number): number | undefined {
//   const kh = Math.floor(h / (H / K));
//   return Math.max(...softmax(tokens.map((_, s) => dot(row(q!, T - 1, h), row(k!, s, kh)))));
// }
// ```
//
// </details>
//
// Next: [07, grouped heads and the cache](07-heads-and-cache.ipynb).
