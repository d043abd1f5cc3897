/**
 * Byte-pair training: which neighbours deserve a token of their own, learnt from text.
 *
 * Start with one token for each of the 256 bytes. Count, over all words of the text, how often each pair of tokens stands
 * side by side; make the most frequent pair one token; count again; until the vocabulary is as large as it may be.
 *
 *   "low low lower"  words: low x1, _low x1, _lower x1 (a word takes the space before it; pairs never cross words)
 *   pairs            lo 3, ow 3, _l 2, we 1, er 1
 *   1st merge        l o (as often as o w, and the lower ids: l is 75, o is 78)   lo w    _ lo w    _ lo w e r
 *   2nd merge        lo w: 3 of them                                              low     _ low     _ low e r
 *   3rd merge        _ low: 2 of them                                             low     _low      _low e r
 *
 * Tokenizing then replays the merges in this order (src/text/merge.ts).
 *
 * numbers  whole; of pairs as frequent the one whose left token's id is lowest, then whose right one's is. A run of equal
 *          tokens counts each neighbouring pair: "aaaa" has three of (a, a), though only two merge
 * cost     for each merge, the tokens of the distinct words, not of the text
 * source   Sennrich et al. 2016 (arXiv 1508.07909) algorithm 1; Radford et al. 2019 (bytes); tokenizers: BpeTrainer
 * golden   model/tiny/tokenizer.json
 */
import { ALPHABET } from "../text/bytes.ts";
import { nfc } from "../text/nfc.ts";
import { split } from "../text/split.ts";

/** What training gives: the tokens by id, and the merges that make those after the bytes. */
export interface Trained {
  readonly tokens: string[];
  readonly merges: string[];
}

/** A word as tokens, and how often it was seen. */
interface Word {
  ids: number[];
  readonly count: number;
}

const encoder = new TextEncoder();

/** Bytes in the order of their characters, which is Qwen's: `!` is 0. */
const BYTES: readonly string[] = [...ALPHABET].sort();

/**
 * The vocabulary, of at most `size` tokens, that the texts teach: bytes first, then one token a merge. It ends before
 * `size` where no pair is left.
 */
export function trainBpe(texts: Iterable<string>, size: number): Trained {
  const tokens = [...BYTES];
  const merges: string[] = [];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const words = countWords(texts, ids);
  while (tokens.length < size) {
    const best = mostFrequent(words);
    if (best === undefined) break;
    const [left, right] = best;
    const made = tokens[left]! + tokens[right]!;
    merges.push(`${tokens[left]!} ${tokens[right]!}`);
    // Two pairs may spell the same: then the second is a merge, but no new token.
    if (!ids.has(made)) ids.set(made, tokens.push(made) - 1);
    for (const word of words) word.ids = joined(word.ids, left, right, ids.get(made)!);
  }
  return { tokens, merges };
}

/** The distinct words of the texts, cut as Qwen2 cuts them, as bytes. */
function countWords(texts: Iterable<string>, ids: ReadonlyMap<string, number>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of split(nfc(text), "qwen2")) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => {
    return { ids: Array.from(encoder.encode(word), (byte) => ids.get(ALPHABET[byte]!)!), count };
  });
}

/** Ids stay below this: a pair is one number, and lower numbers are lower pairs. */
const WIDE = 2 ** 20;

function mostFrequent(words: readonly Word[]): readonly [left: number, right: number] | undefined {
  const counts = new Map<number, number>();
  for (const { ids, count } of words) {
    for (let i = 1; i < ids.length; i++) {
      const pair = ids[i - 1]! * WIDE + ids[i]!;
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  }
  let best: number | undefined;
  let most = 0;
  for (const [pair, count] of counts) {
    if (count > most || (count === most && pair < best!)) [best, most] = [pair, count];
  }
  return best === undefined ? undefined : [Math.floor(best / WIDE), best % WIDE];
}

/** The word with each (left, right) made one, from the left: of "aaa" the first two. */
function joined(ids: number[], left: number, right: number, made: number): number[] {
  if (!ids.includes(left)) return ids;
  const after: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const merges = ids[i] === left && ids[i + 1] === right;
    after.push(merges ? made : ids[i]!);
    if (merges) i++;
  }
  return after;
}
