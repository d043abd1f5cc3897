// %% [markdown]
// # 09 · The block and the residual stream: the whole model on one page
//
// All parts are there. A *block* puts them together: attention, then feed-forward, each reading a normed copy of the token's
// state and *adding* to the state what it found. QwQ is 64 such blocks one after the other, with an embedding before and an
// unembedding behind. There is nothing else.
//
// The state that runs through, and that every part only adds to, is the *residual stream*. It is the model's blackboard.

// %%
import { block, openCheckpoint, reference as ops } from "qwq-ts";
import { equal, golden, goldenJson, goldenPath, heatMap, judge, lines } from "qwq-ts/lesson";

const real = golden("lessons/smollm2");
const { tokens } = goldenJson<{ tokens: string[] }>("lessons/smollm2.json");
const [L, T] = [30, tokens.length];

// %% [markdown]
// ## The picture
//
// How large is what stands on the blackboard? The root mean square of the state of each token (a curve each) after each of
// SmolLM2's 30 blocks. All parts only add, so it grows. And one token is not like the others.

// %%
const rms = real.values("rms.out");
const layer = Array.from({ length: L }, (_, l) => l);
const curve = (t: number) =>
  ({ x: layer, y: layer.map((l) => rms[l * T + t]!), of: t === 0 ? "wrong" : "T", share: 0.4 + t / 30 }) as const;
const curves = Object.fromEntries(tokens.slice(0, 6).map((token, t) => [`${t}: ${token.trim()}`, curve(t)]));
await lines(curves, "The first token's state is far larger than the others from an early layer on", {
  x: "block l",
  y: "rms of the state",
  log: "y",
});

// %% [markdown]
// The first token's state jumps, about block 11, to a hundred times the size of the others: a handful of its channels become
// giants, the *massive activations*. They are not a fault of this model: Llama, Qwen and others all have them. They are how the
// first token makes itself the attention sink of notebook 06, and RMSNorm (03) is why nobody downstream is hurt.
//
// For quantisation (notebook 12) they matter: a scale that must cover a giant leaves no digits for the rest.

// %%
const most = real.values("most.out");
const table = tokens.slice(0, 8).map((_, t) => [0, 4, 8, 12, 16, 20, 24, 29].map((l) => most[l * T + t]!));
const options = {
  rows: tokens.slice(0, 8),
  columns: ["0", "4", "8", "12", "16", "20", "24", "29"],
  axis: "C",
  decimals: 0,
} as const;
heatMap(table, "The largest channel of each token's state after some blocks: thousands in the first token", options);

// %% [markdown]
// ## The equation
//
// $$ \begin{aligned}
// x &\leftarrow x + W_o\, \operatorname{attention}(\operatorname{norm}_1 x) \\
// x &\leftarrow x + W_{\text{down}}\, \operatorname{swiglu}(\operatorname{norm}_2 x)
// \end{aligned} $$
//
// In words: look at a copy of the state, brought to one size; gather from the tokens before; write what was found beside what
// stands there already. Look again; think; write again. Nothing is ever wiped off. What the first block wrote is still there for
// the last to read, if it is not drowned, and a part that has nothing to say adds nearly nothing.
//
// The norms stand *before* the parts and not on the stream itself: *pre-norm*. The original transformer had them after the
// addition, and then deep stacks would not learn. The plain path from the first block to the last is what makes 64 of them
// possible.
//
// ## Twelve lines
//
// Half a block each. `ops` is the reference with the seven equations of the notebooks before.

// %%
type Parts = Parameters<typeof block>;
function attend(W: Parts[1], x: Parts[2], cache: Parts[3], R: Parts[4], eps: number) {
  const pos = cache.length;
  const n = ops.rmsNorm(x, W.g1, eps);
  const [q, k] = [ops.linear(n, W.Wq, W.bq), ops.linear(n, W.Wk, W.bk)];
  const { keys, values } = cache.append(ops.rope(k, pos, R), ops.linear(n, W.Wv, W.bv));
  const a = ops.attention(ops.rope(q, pos, R), keys, values, R.D);
  return ops.add(x, ops.linear(a, W.Wo));
}

// %%
function think(W: Parts[1], x: Parts[2], eps: number) {
  const n = ops.rmsNorm(x, W.g2, eps);
  const h = ops.swiglu(ops.linear(n, W.Wgate), ops.linear(n, W.Wup));
  return ops.add(x, ops.linear(h, W.Wdown));
}

// %% [markdown]
// ## A check by hand
//
// What if a block finds nothing to say? If $W_o$ and $W_{\text{down}}$ are zero, both parts add zero and the block is the identity:
// $x$ comes out as it went in. Blocks begin their lives near that, and learn what to add. Counting is by hand too: a block has
// seven matrices, two gains and three biases, so QwQ has $64 \cdot 12$ tensors, and with the embedding, the last gain and the
// unembedding

// %%
64 * 12 + 3;

// %% [markdown]
// ## Equal to `src`
//
// The library's page is [src/model.ts](../src/model.ts): sixty lines, and worth reading now. Our two halves give the same bits as
// its `block`, on the repository's small model: three blocks, eleven tokens.

// %%
const { config, weights } = openCheckpoint(goldenPath("model/tiny"));
const { ids } = goldenJson<{ ids: number[] }>("model/tiny.json");
const [ours, theirs] = [ops.cache(config, 16), ops.cache(config, 16)];
let [x, y] = [ops.embed(weights.E, Uint32Array.from(ids)), ops.embed(weights.E, Uint32Array.from(ids))];
for (const [l, W] of weights.layers()) {
  x = think(W, attend(W, x, ours[l]!, weights.rope, weights.eps), weights.eps);
  y = block(ops, W, y, theirs[l]!, weights.rope, weights.eps).out;
}
const [mine, src] = [await ops.download(x), await ops.download(y)];
equal("two halves are a block", mine.data, src.data);

// %% [markdown]
// ## Equal to Hugging Face
//
// The state after the last block, beside an independent computation in float64. The bound is four times Hugging Face's *own*
// noise: how far its float32 is from that truth was measured and is recorded. We could not be nearer to it than it is to itself.

// %%
const f64 = golden("model/tiny.f64").values("2.out");
const { floors } = goldenJson<{ floors: Record<string, Record<string, number>> }>("manifest.json");
equal("the stream after block 2", src.data, f64, { floor: floors["model/tiny"]!["2.out"]! });

// %% [markdown]
// Then the last norm and the unembedding, and there are the logits, from which the next token is drawn (notebook 10).

// %%
const logits = await ops.download(ops.linear(ops.rmsNorm(x, weights.g, weights.eps), weights.U));
equal("the logits", logits.data, golden("model/tiny.f64").values("logits"), {
  floor: floors["model/tiny"]!["logits"]!,
});

// %% [markdown]
// ## Exercises
//
// **1.** In which block (0 to 29) does the first token of the sentence grow most, by the factor of its root mean square?

// %% tags=["exercise"]
function jump(): number | undefined {
  return undefined; // yours: rms[l * T] is the first token's after block l
}

// %%
const factors = layer.slice(1).map((l) => rms[l * T]! / rms[(l - 1) * T]!);
judge(jump(), (l) => l === 1 + factors.indexOf(Math.max(...factors)), "Compare each block with the one before it.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function jump(): number | undefined {
//   const growth = layer.map((l) => (l === 0 ? 0 : rms[l * T]! / rms[(l - 1) * T]!));
//   return growth.indexOf(Math.max(...growth));
// }
// ```
//
// </details>
//
// **2.** Make it *post-norm*: `attend` should norm after the addition instead of before it. Then compare with `block`: the first
// activation that differs is not the output. Which of the page's names is it (`n1`, `q`, …)?

// %% tags=["exercise"]
const first: string | undefined = undefined; // your answer

// %%
judge<string>(first, (name) => name === "n1", "What does the block compute first of all, and from what?");

// %% [markdown]
// <details><summary>An answer</summary>
//
// There is no `n1` any more: queries come from the plain state. Looking for the *first* difference, not the largest, is how the
// oracle finds bugs (notebook 15).
//
// ```ts
// const first = "n1";
// ```
//
// </details>
//
// Next: [10, from logits to a token](10-sampling.ipynb).
