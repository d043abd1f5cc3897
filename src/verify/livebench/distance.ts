/** Distances between lists and texts: Levenshtein's, and the likeness that Python's difflib has. */

/** The least number of insertions, deletions and replacements that make one list the other. */
export function levenshtein(a: readonly unknown[], b: readonly unknown[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, one] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) {
      next.push(one === other ? row[j]! : 1 + Math.min(row[j + 1]!, next[j]!, row[j]!));
    }
    row = next;
  }
  return row.at(-1)!;
}

/** From this length on difflib takes no account of characters that make more than a hundredth of a text. */
const JUNK_FROM = 200;

/**
 * A text that others are compared with: `difflib.SequenceMatcher` with it as the second sequence.
 *
 *   ratio = 2 M / (|a| + |b|), M the characters in matching blocks: the longest, then those left and right of it
 *
 * source   CPython 3.11 Lib/difflib.py: SequenceMatcher.find_longest_match, __chain_b, get_close_matches
 */
export class Likeness {
  private readonly b: readonly string[];
  /** Where each character stands, but for those that are too frequent. */
  private readonly places = new Map<string, number[]>();
  private readonly counts = new Map<string, number>();

  constructor(text: string) {
    this.b = [...text];
    for (const [j, character] of this.b.entries()) {
      const places = this.places.get(character);
      if (places === undefined) this.places.set(character, [j]);
      else places.push(j);
    }
    for (const [character, places] of this.places) this.counts.set(character, places.length);
    if (this.b.length < JUNK_FROM) return;
    const most = Math.floor(this.b.length / 100) + 1;
    for (const [character, places] of this.places) if (places.length > most) this.places.delete(character);
  }

  /** The text that is most like it; of equals the one that comes last by its characters. */
  closest(texts: readonly string[]): string | undefined {
    let best: { readonly text: string; readonly ratio: number } | undefined;
    for (const text of new Set(texts)) {
      const a = [...text];
      if (best !== undefined && this.atMost(a) < best.ratio) continue;
      const ratio = this.ratio(a);
      if (best === undefined || ratio > best.ratio || (ratio === best.ratio && after(text, best.text))) {
        best = { text, ratio };
      }
    }
    return best?.text;
  }

  /** No ratio is above it: characters counted without their order. */
  private atMost(a: readonly string[]): number {
    const left = new Map(this.counts);
    let same = 0;
    for (const character of a) {
      const rest = left.get(character) ?? 0;
      if (rest > 0) same++;
      left.set(character, rest - 1);
    }
    return share(same, a.length + this.b.length);
  }

  private ratio(a: readonly string[]): number {
    let same = 0;
    const queue: [number, number, number, number][] = [[0, a.length, 0, this.b.length]];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [aFrom, aTo, bFrom, bTo] = next;
      const [i, j, size] = this.longest(a, aFrom, aTo, bFrom, bTo);
      if (size === 0) continue;
      same += size;
      if (aFrom < i && bFrom < j) queue.push([aFrom, i, bFrom, j]);
      if (i + size < aTo && j + size < bTo) queue.push([i + size, aTo, j + size, bTo]);
    }
    return share(same, a.length + this.b.length);
  }

  /** The longest block within these bounds, the first of equals, then widened by characters that are too frequent. */
  private longest(a: readonly string[], aFrom: number, aTo: number, bFrom: number, bTo: number) {
    const { b } = this;
    let [besti, bestj, size] = [aFrom, bFrom, 0];
    let lengths = new Map<number, number>();
    for (let i = aFrom; i < aTo; i++) {
      const longer = new Map<number, number>();
      for (const j of this.places.get(a[i]!) ?? []) {
        if (j < bFrom) continue;
        if (j >= bTo) break;
        const k = (lengths.get(j - 1) ?? 0) + 1;
        longer.set(j, k);
        if (k > size) [besti, bestj, size] = [i - k + 1, j - k + 1, k];
      }
      lengths = longer;
    }
    while (besti > aFrom && bestj > bFrom && a[besti - 1] === b[bestj - 1]) {
      besti--;
      bestj--;
      size++;
    }
    while (besti + size < aTo && bestj + size < bTo && a[besti + size] === b[bestj + size]) size++;
    return [besti, bestj, size] as const;
  }
}

function share(same: number, length: number): number {
  return length === 0 ? 1 : (2 * same) / length;
}

/** Whether a text comes after another by its characters, which Python compares as Unicode's and JavaScript as UTF-16. */
function after(text: string, other: string): boolean {
  const [a, b] = [[...text], [...other]];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]!.codePointAt(0)! > b[i]!.codePointAt(0)!;
  }
  return a.length > b.length;
}
