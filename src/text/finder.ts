/**
 * Finding added tokens in a text: the leftmost, and of several that begin there the longest.
 *
 * A pattern of alternatives would try every token at every place, which a file with 100,000 of them makes hours of.
 * Here the tokens are sorted, and those that may still match are a range of that list, which each further character
 * narrows.
 *
 * cost     a character that begins no token: one look-up; else as many binary searches as characters match
 */
import type { AddedToken } from "./vocabulary.ts";

/** A token, and where it was found. */
export interface Match {
  readonly index: number;
  readonly length: number;
  readonly token: AddedToken;
}

export class Finder {
  /** By their texts, in the order of UTF-16 code units. */
  private readonly texts: readonly string[];
  private readonly tokens: readonly AddedToken[];
  /** For each code unit that begins a text, where those texts begin in the list. */
  private readonly first = new Map<number, number>();

  /** Of two entries with the same text, which must not be empty, the later counts. */
  constructor(entries: readonly (readonly [text: string, token: AddedToken])[]) {
    const sorted = [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1));
    this.texts = sorted.map(([text]) => text);
    this.tokens = sorted.map(([, token]) => token);
    this.texts.forEach((text, i) => {
      const unit = text.charCodeAt(0);
      if (!this.first.has(unit)) this.first.set(unit, i);
    });
  }

  /** Every token of the text, from left to right; none begins within another. */
  *matches(text: string): Generator<Match, void> {
    if (this.texts.length === 0) return;
    for (let index = 0; index < text.length;) {
      const first = this.first.get(text.charCodeAt(index));
      const found = first === undefined ? -1 : this.longestAt(text, index, first);
      if (found < 0) {
        index++;
        continue;
      }
      const { length } = this.texts[found]!;
      yield { index, length, token: this.tokens[found]! };
      index += length;
    }
  }

  /** The place in the list of the longest token that begins there, or -1; from `low` on texts begin alike. */
  private longestAt(text: string, index: number, low: number): number {
    let [high, found] = [this.texts.length, -1];
    for (let depth = 0; low < high; depth++) {
      if (this.texts[low]!.length === depth) found = low++; // it is the first of those that begin alike
      if (index + depth >= text.length) break;
      const unit = text.charCodeAt(index + depth);
      low = this.bound(low, high, depth, unit);
      high = this.bound(low, high, depth, unit + 1);
    }
    return found;
  }

  /** The first place in [low, high), where texts agree up to `depth`, with at least `unit` there. */
  private bound(low: number, high: number, depth: number, unit: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.texts[middle]!.charCodeAt(depth) < unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
