// %% [markdown]
// # 02 · Embedding: a number becomes a direction
//
// A token's id says nothing about it: 318 is not more than 317. So the first thing a model does is to look the id up in a
// table, the *embedding* $E$: one row for each token of the vocabulary, $C$ numbers wide. The row is the token's first
// *state*, and all that follows changes that state. Nobody wrote the table; it was learnt, and what came out has a shape.
//
// We look at twelve rows of a real table, that of SmolLM2 (49,152 tokens, 576 channels; QwQ has 152,064 rows of 5,120).

// %%
import { reference } from "qwq-ts";
import { equal, golden, goldenJson, heatMap, judge } from "qwq-ts/lesson";

const { words } = goldenJson<{ words: string[] }>("lessons/smollm2.json");
const [table, C] = [golden("lessons/smollm2").values("E"), 576];
const rows = words.map((_, i) => table.subarray(i * C, (i + 1) * C));

// %% [markdown]
// ## The picture
//
// Two states are alike if they point the same way: their *cosine*, 1 for the same direction and 0 for directions that have
// nothing in common. Each cell is the cosine of two words' rows. Days are near days, colours near colours, and numbers near
// numbers; nobody told the model that there are such things.

// %%
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const alike = rows.map((a) => rows.map((b) => cosine(a, b)));
heatMap(alike, "Cosines of twelve words: four groups along the diagonal", {
  rows: words,
  columns: words,
  axis: "C",
  decimals: 2,
});

// %% [markdown]
// The loosest group are the numbers: ` one` and ` seven` have little in common, perhaps since "one" is so often no number at all
// ("no one", "one day"). A word with many meanings has a single row for all of them; the layers above will tell them apart by
// what stands around.
//
// ## The equation
//
// $$ x_{t c} = E_{\,\mathrm{ids}[t]\, c} $$
//
// No sum, no scaling, no position: where a token stands will come in later, by rotation (notebook 05). It could be written as
// a matrix times a vector that is 1 at the id and 0 elsewhere, and that is how its gradient is derived; computing it so would
// cost 152,064 multiplications a channel to throw away all but one.
//
// ## Twelve lines

// %%
function embed(E: ArrayLike<number>, C: number, ids: readonly number[]): Float32Array {
  const x = new Float32Array(ids.length * C);
  ids.forEach((id, t) => {
    for (let c = 0; c < C; c++) x[t * C + c] = E[id * C + c]!;
  });
  return x;
}

// %% [markdown]
// ## A check by hand
//
// A table of three tokens with two channels: token 0 is $(1, 2)$, token 1 is $(3, 4)$, token 2 is $(5, 6)$. The text `2 0 2`
// has the states $(5, 6), (1, 2), (5, 6)$: the same token gets the same state, wherever it stands.

// %%
embed([1, 2, 3, 4, 5, 6], 2, [2, 0, 2]).join(" ");

// %% [markdown]
// ## Equal to `src`
//
// [src/reference/embed.ts](../src/reference/embed.ts) does the same. It only has to widen the row first, since in a real
// checkpoint the table is not float32: QwQ's is bfloat16, 1.56 GB of it. It reads the rows of the tokens that are asked for
// and no others.

// %%
const cases = golden("ops/embed");
const [E, ids] = [cases.tensor<"V C">("rows.E"), Array.from(cases.values("rows.ids"))];
const theirs = await reference.download(reference.embed(E, Uint32Array.from(ids)));
equal("ours is src's", embed(E.data, E.shape[1]!, ids), theirs.data);

// %% [markdown]
// ## Equal to Hugging Face
//
// A copied number is not rounded, so here, and nowhere else in the model, everybody agrees to the last bit. If an engine
// differs *here*, it has other weights or other ids, and there is no need to look further.

// %%
equal("src is Hugging Face", theirs.data, cases.values("rows.y"));

// %% [markdown]
// ## At the other end
//
// To choose the next token the model compares its last state with a second table, the *unembedding* $U$, again one row a
// token (notebook 10). Small models use one table for both: they are *tied*. SmolLM2's are, QwQ's are not, and an engine that
// forgets which of the two it has is wrong from the first token.
//
// How much of the model is the table? In QwQ, with 32,763,876,352 weights in all:

// %%
const share = (2 * 152_064 * 5_120) / 32_763_876_352;
`${(100 * share).toFixed(2)} % of QwQ are its two tables`;

// %% [markdown]
// ## Exercises
//
// **1.** SmolLM2 has 134,515,008 weights and one table of 49,152 rows and 576 channels. What percentage of its weights is it?

// %% tags=["exercise"]
const percent: number | undefined = undefined; // your answer, to one decimal

// %%
judge<number>(percent, (p) => Math.abs(p - 21.05) < 0.06, "It is rows times channels, through the number of weights.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// A fifth: that is why small models tie their tables.
//
// ```ts
// const percent = (100 * 49_152 * 576) / 134_515_008;
// ```
//
// </details>
//
// **2.** Write `nearest`: of the twelve words, the one most like the word with this number, other than itself.

// %% tags=["exercise"]
function nearest(word: number): string | undefined {
  return undefined; // yours: `alike[word]` has the cosines
}

// %%
const near = [0, 3, 6].map(nearest);
const right = near.every((word, i) => [words.slice(0, 3), words.slice(3, 6), words.slice(6, 9)][i]!.includes(word!));
judge(near[0] && near, () => right, "The largest of a row is the word itself, with 1; it does not count.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function nearest(word: number): string | undefined {
//   const others = alike[word]!.map((cosine, i) => (i === word ? -1 : cosine));
//   return words[others.indexOf(Math.max(...others))];
// }
// ```
//
// </details>
//
// Next: [03, RMSNorm](03-rms-norm.ipynb).
