// %% [markdown]
// # 01 · Tokens: how text becomes numbers
//
// A language model reads and writes whole numbers. Between text and numbers stands the *tokenizer*: a list of byte strings,
// the *vocabulary*, each with its number, and a rule by which text is cut into them. QwQ's vocabulary has 151,643 of them. It
// is the first place where an engine can go wrong without any error message: given other numbers, the same model is a fool.
//
// The rule is *byte-pair encoding* (BPE). In this notebook we see it, write it, and find it equal to the library's and to
// Hugging Face's. The repository holds a small model whose vocabulary is made and used the same way, with 506 tokens.

// %%
import { openCheckpoint, Tokenizer } from "qwq-ts";
import { ALPHABET, equal, goldenJson, goldenPath, judge, nfc, split, trainBpe } from "qwq-ts/lesson";
import { mergeTree, tokenStrip } from "qwq-ts/lesson";

const vocabulary = openCheckpoint(goldenPath("model/tiny")).vocabulary!;
const tokenizer = new Tokenizer(vocabulary);

// %% [markdown]
// ## The picture
//
// A text, its tokens, and below each its id. A dot is a space. Mind that a word takes the space *before* it along: "you" at
// the start of a text and " you" within one are different tokens. Frequent words are one token, rare ones are several.

// %%
const ids = [...tokenizer.encode("How are you doing with the weather?")];
const pieces = ids.map((id) => tokenizer.decode([id]));
tokenStrip(pieces, ids);

// %% [markdown]
// ## Three steps
//
// **Cut.** A regular expression cuts the text into words, so that no token reaches over a word's end. Qwen's takes digits
// one by one: a number is then spelled like a word, and every number can be read.

// %%
split("It's 2024: naïve 机器, okay?", "qwen2");

// %% [markdown]
// **Bytes.** Each word becomes its UTF-8 bytes. There are 256 bytes, every one has a token, and so there is no text that the
// tokenizer cannot write, and no "unknown" token. `é` is two bytes, `机` three, most emoji four. To print bytes, a vocabulary
// gives each a character: `Ġ` is the space, `Ċ` the end of a line.

// %%
const bytesAs = (text: string) => Array.from(new TextEncoder().encode(text), (byte) => ALPHABET[byte]!);
[" the", "é", "机", "\n"].map((text) => bytesAs(text).join(" "));

// %% [markdown]
// **Merge.** The vocabulary comes with a list of *merges*, each a pair of tokens that may become one. Their order is their
// rank. As long as any two neighbours are in the list, the pair of the *lowest* rank becomes one token (of equal ones, the
// leftmost). In one line:
//
// $$ (i, i{+}1) \leftarrow \arg\min_i \ \mathrm{rank}(w_i, w_{i+1}), \qquad w_i w_{i+1} \to \text{one token} $$
//
// ## Twelve lines

// %%
const rank = new Map(vocabulary.merges.map((pair, r) => [pair, r]));

/** All the states of a word, from its bytes to its tokens. */
function mergeSteps(tokens: string[]): string[][] {
  const ranks = tokens.slice(1).map((right, i) => rank.get(`${tokens[i]} ${right}`) ?? Infinity);
  const best = Math.min(...ranks);
  if (best === Infinity) return [tokens];
  const i = ranks.indexOf(best);
  return [tokens, ...mergeSteps(tokens.toSpliced(i, 2, tokens[i]! + tokens[i + 1]!))];
}

// %% [markdown]
// Here is a word on its way, from the top to the bottom. Each row has one token less than the row above.

// %%
mergeTree(mergeSteps(bytesAs(" weather")));

// %% [markdown]
// ## A check by hand
//
// Where do the merges come from? From counting. Take the text `low low lower`. Its words are `low`, ` low`, ` lower`. The
// pairs `l o` and `o w` occur three times each, ` l` twice, the others once. So the first merge is `l o`, the second `lo w`.
// Then `Ġ low` occurs twice and `low e` once: the third is `Ġ low`. With 256 bytes and three merges there are 259 tokens:

// %%
trainBpe(["low low lower"], 259).merges;

// %% [markdown]
// ## Equal to `src`
//
// The library's merging is [src/text/merge.ts](../src/text/merge.ts); it holds ranks in a hash table of whole numbers and
// takes n log n time for long words, where ours takes n² and more. The tokens are the same. One step belongs before the cut:
// Unicode has two ways to write `é`, and Qwen brings text to the shorter one (NFC). JavaScript could do that too, but by the
// Unicode of whatever machine it runs on: with Node 20's, two of the texts below come out wrong. So the library has its own.

// %%
const id = new Map(vocabulary.tokens.map((token, i) => [token, i]));
const word = (text: string) => mergeSteps(bytesAs(text)).at(-1)!;
const encode = (text: string) =>
  split(nfc(text), "qwen2")
    .flatMap(word)
    .map((token) => id.get(token)!);

const poem = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. 12345!\n\tfor (let i = 0;;) {}";
equal("ours is src's", encode(poem), tokenizer.encode(poem));

// %% [markdown]
// ## Equal to Hugging Face
//
// `golden/text/encode.json` holds texts that were chosen to break tokenizers, with the ids that Hugging Face's `tokenizers`
// gives: contractions, white space of all kinds, Arabic, Thai, emoji joined from five others, half a megabyte of one letter.
// We take those that are shorter than 200 signs and hold no special token.

// %%
type Case = { text: string; ids: { tiny: number[] }; plain: { tiny?: number[] } };
const golden = goldenJson<Case[]>("text/encode.json").filter(({ text }) => text.length < 200);
const plain = golden.filter(({ ids, plain }) => plain.tiny === undefined && ids.tiny.every((id) => id < 506));
const hf = plain.flatMap(({ ids }) => ids.tiny);
const ours = plain.flatMap(({ text }) => encode(text));
equal(`${plain.length} texts as Hugging Face`, ours, hf);

// %% [markdown]
// *Special tokens* stand outside of all this: `<|im_start|>` is one id that no merge can make. It is searched for in the raw
// text before anything else. That is how a model tells who is speaking, and why a program must not let a user's text hold
// such a token unnoticed: the tokenizer can be told to treat it as letters.

// %%
const chat = "<|im_start|>user";
[tokenizer.encode(chat), tokenizer.encode(chat, { special: false })].map((ids) => ids.length);

// %% [markdown]
// ## Exercises
//
// **1.** How many bytes, and so how many tokens before any merge, has the text `día 机`? (Mind the space and the accent.)

// %% tags=["exercise"]
const bytes: number | undefined = undefined; // your answer

// %%
judge<number>(bytes, (n) => n === 8, "d, í, a, the space and 机 have 1, 2, 1, 1 and 3 bytes.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const bytes = new TextEncoder().encode("día 机").length;
// ```
//
// </details>
//
// **2.** Write the heart of training: the pair of neighbours that occurs most often in a list of words. Of equals take any.

// %% tags=["exercise"]
function mostFrequent(words: string[][]): string | undefined {
  return undefined; // yours: "left right"
}

// %%
const counted = mostFrequent([
  ["l", "o", "w"],
  ["Ġ", "l", "o"],
  ["l", "o", "n", "g"],
  ["o", "w", "l"],
]);
judge(counted, (pair) => pair === "l o", "l o occurs three times, o w twice, the others once.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function mostFrequent(words: string[][]): string | undefined {
//   const counts = new Map<string, number>();
//   for (const pair of words.flatMap((w) => w.slice(1).map((right, i) => `${w[i]} ${right}`))) {
//     counts.set(pair, (counts.get(pair) ?? 0) + 1);
//   }
//   return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
// }
// ```
//
// </details>
//
// **3.** Break it: let the pair win that makes the *longest* token, instead of the one with the lowest rank. One of these
// four words then comes out otherwise. Which (0 to 3)? Change `mergeSteps`, or think.

// %%
[" weather", "1234", " the", " another"].map((text) => mergeSteps(bytesAs(text)).at(-1)!.join(" "));

// %% tags=["exercise"]
const other: number | undefined = undefined; // your answer

// %%
judge<number>(
  other,
  (n) => n === 0,
  "Look for a word in which two merges want the same letter, and the longer of them is the later one.",
);

// %% [markdown]
// <details><summary>An answer</summary>
//
// `Ġw e at her`: the merge `a t` is older than `e a`, so it comes first. Of equally long ones the older would win still, and
// that is why `1234`, `Ġthe` and `Ġan o t her` stay.
//
// ```ts
// const other = 0;
// ```
//
// </details>
//
// Next: [02, embedding](02-embedding.ipynb).
