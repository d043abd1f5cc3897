// %% [markdown]
// # 07 · Shared heads and the cache: what is remembered, and what it costs
//
// While a model writes, each new token looks back at all that came before. Their keys and values do not change any more, since
// no token sees what comes after it; so they are computed once and kept: the *KV cache*. It makes writing fast, and it is what
// fills the memory when a model thinks for long. QwQ thinks for up to 32,768 tokens.
//
// To keep the cache small, several query heads read the *same* keys and values: *grouped-query attention*. In QwQ 40 query
// heads share 8 key/value heads, five a piece.

// %%
import { forward, host, openCheckpoint, reference } from "qwq-ts";
import { equal, golden, goldenPath, judge, lines, ribbons, times } from "qwq-ts/lesson";

const [H, K, D, layers] = [40, 8, 128, 64];

// %% [markdown]
// ## The picture
//
// Above, the 40 query heads of a layer of QwQ; below, the 8 heads whose keys and values they read.

// %%
const keyOf = (h: number) => Math.floor(h / (H / K));
ribbons(H, K, keyOf, "QwQ: head h reads key head floor(h / 5)");

// %% [markdown]
// Neighbours share. There is another way to share that fits all the same shapes: head $h$ reads key head $h \bmod 8$. It is what
// comes out if an engine repeats the *block* of 8 heads five times instead of each head five times. It is wrong, and quietly so.

// %%
ribbons(H, K, (h) => h % K, "A bug: head h reads key head h mod 8");

// %% [markdown]
// ## The equation
//
// $$ k_h = \lfloor h \,/\, (H / K) \rfloor, \qquad
//    \text{bytes} = 2 \cdot l \cdot K \cdot D \cdot S \cdot \text{bytes a number} $$
//
// The 2 is for keys and values; $l$ layers, $S$ tokens.
//
// Sharing is not free: five heads that read the same keys must ask well. But a model that was trained so loses little, and every
// byte of the cache is read for every token that is written, so a fifth of the bytes is also a fifth of that time. Earlier
// models shared one key head among all (*multi-query*), and lost more; eight is today's usual compromise.
//
// ## Twelve lines

// %%
function cacheBytes(S: number, K: number, bytesANumber = 2): number {
  return 2 * layers * K * D * S * bytesANumber;
}

// %% [markdown]
// ## A check by hand
//
// One token of QwQ in bfloat16: $2 \cdot 64 \cdot 8 \cdot 128 \cdot 2 = 262{,}144$ bytes, a quarter of a MiB. 40,960 tokens are
// then 10 GiB. With a key head for every query head it would be five times as much: 50 GiB, nearly as much as the weights.

// %%
const GiB = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
[cacheBytes(1, K), GiB(cacheBytes(40_960, K)), GiB(cacheBytes(40_960, H))].join("   ");

// %%
const S = times(41, (i) => i * 1024);
const curve = (K: number, bytes: number, share: number) =>
  ({ x: S, y: S.map((s) => cacheBytes(s, K, bytes) / 2 ** 30), of: "K", share }) as const;
const sizes = {
  "40 heads, bf16": curve(40, 2, 0.4),
  "8 heads, bf16": curve(8, 2, 1),
  "8 heads, int8": curve(8, 1, 0.65),
};
await lines(sizes, "The cache grows with each token; 8 heads need a fifth of 40", { x: "tokens S", y: "GiB" });

// %% [markdown]
// ## Equal to `src`
//
// First the sharing: [src/reference/attention.ts](../src/reference/attention.ts) reads the keys as `keyOf` says. If so, the
// outputs are those of an attention without sharing to which each key head is given five times over.

// %%
const cases = golden("ops/attention");
const keysOf = (name: string) => cases.tensor<"S KD">(name);
const [q, k, v] = [cases.tensor<"T HD">("prompt.q"), keysOf("prompt.k"), keysOf("prompt.v")];
const d = cases.values("prompt.D")[0]!;
const HD = q.shape[1]!;
const [from, KD] = [k.shape[0]!, k.shape[1]!];
const shared = reference.attention(q, k, v, d);

// %%
/** Each key head repeated until there are as many as query heads. */
const repeated = (x: Float32Array) => {
  const head = (h: number) => Math.floor(h / (HD / KD));
  const value = (_: number, i: number) => x[Math.floor(i / HD) * KD + head(Math.floor((i % HD) / d)) * d + (i % d)]!;
  return host<"S KD">([from, HD], Float32Array.from({ length: from * HD }, value));
};
const apart = reference.attention(q, repeated(k.data), repeated(v.data), d);
equal("five of each key head", (await reference.download(apart)).data, (await reference.download(shared)).data);

// %% [markdown]
// Then the cache. We feed the repository's small model four tokens at once, and then one by one, each reading what the cache has
// kept of those before it. The logits of the last token must be the same, *to the last bit*: this is the strongest test of a
// cache that there is, and it needs no golden file. Engines fail it in interesting ways: places that begin anew with each call,
// keys that are turned twice, a mask that looks ahead while the prompt is read.

// %%
const { config, weights } = openCheckpoint(goldenPath("model/tiny"));
const ids = Uint32Array.from([5, 9, 2, 7]);

async function lastLogits(...sizes: number[]): Promise<Float32Array> {
  const caches = reference.cache(config, ids.length);
  let at = 0;
  const parts = sizes.map((n) => forward(reference, weights, ids.subarray(at, (at += n)), caches));
  return (await reference.download(parts.at(-1)!)).data.slice(-config.vocabulary);
}
equal("one by one is all at once", await lastLogits(1, 1, 1, 1), await lastLogits(4));

// %% [markdown]
// ## Equal to Hugging Face
//
// `repeat_kv` is the function of transformers that gives each key head to its queries; here it is under test, together with a
// cache that was there before. A golden case has 12 tokens, of which the last three are new, and ten query heads over two key
// heads; `y` is what Hugging Face's attention gave for it, `y.f64` the truth.

// %%
const [qc, kc, vc] = [cases.tensor<"T HD">("chunk.q"), keysOf("chunk.k"), keysOf("chunk.v")];
const a = (await reference.download(reference.attention(qc, kc, vc, 8))).data;
const largest = new Float32Array(a.length).fill(Math.max(...vc.data.map(Math.abs)));
equal("the truth", a, cases.values("chunk.y.f64"), { ulps: 1 });
equal("Hugging Face", a, cases.values("chunk.y"), { roundings: 32, of: largest });

// %% [markdown]
// ## Exercises
//
// **1.** A machine has 6 GiB left for the cache. How many tokens of QwQ fit, if keys and values are kept as int8 (one byte a
// number; forget the scales)?

// %% tags=["exercise"]
const fit: number | undefined = undefined; // your answer

// %%
judge<number>(fit, (n) => n === 49_152, "A token then takes 131,072 bytes.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const fit = (6 * 2 ** 30) / cacheBytes(1, 8, 1);
// ```
//
// </details>
//
// **2.** How many of QwQ's 40 query heads read the right key head under the bug $h \bmod 8$?

// %% tags=["exercise"]
const right: number | undefined = undefined; // your answer

// %%
judge<number>(right, (n) => n === 8, "Count the h from 0 to 39 for which floor(h / 5) is h mod 8.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Eight of 40, one for each key head. The model still writes sentences.
//
// ```ts
// const right = Array.from({ length: 40 }, (_, h) => h).filter((h) => Math.floor(h / 5) === h % 8).length;
// ```
//
// </details>
//
// Next: [08, SwiGLU](08-swiglu.ipynb).
