/**
 * Unicode's canonical composition (NFC) as the reference library has it: tokenizers 0.23, whose tables are old.
 *
 *   decompose each character fully; put each run of marks in the order of their combining classes, equal classes as they
 *   stand; then join each character to the last starter before it, if the pair has a composition and nothing between the
 *   two has a class as high
 *
 * Node's `normalize("NFC")` has newer tables (154 combining classes and about 20 compositions more), so ids would differ;
 * it also takes quadratic time on a long run of marks.
 *
 * cost     linear in the text, but for the sort within a run of marks: n log n
 * source   Unicode Standard Annex 15; tables asked of tokenizers.normalizers by golden/make_unicode.py
 * golden   text/unicode.json: every code point and 350,000 pairs
 */
import { numbers, runs } from "./unicode.ts";
import { CLASSES, DECOMPOSITIONS, EXCLUDED } from "./unicode-data.ts";

/** Hangul syllables are arithmetic: 19 leads, 21 vowels, 27 tails (or none). */
const SYLLABLE = 0xac00;
const LEAD = 0x1100;
const VOWEL = 0x1161;
const TAIL = 0x11a7; // one before the first tail: 0 is none
const LEADS = 19;
const VOWELS = 21;
const TAILS = 28;

interface Tables {
  /** Rank of a mark's combining class, from 1; starters are absent. */
  readonly classes: ReadonlyMap<number, number>;
  /** A character's canonical decomposition, fully expanded. */
  readonly parts: ReadonlyMap<number, readonly number[]>;
  /** What a pair becomes; the key is made by `pair`. */
  readonly pairs: ReadonlyMap<number, number>;
  /** Characters without which a text is its own NFC: marks, what decomposes for good, what may join the one before it. */
  readonly active: ReadonlySet<number>;
}

let made: Tables | undefined;

/** The text in NFC. Half a surrogate pair passes as it is. */
export function nfc(text: string): string {
  made ??= tables();
  if (isStable(text, made)) return text;
  const points = decompose(text, made);
  reorder(points, made);
  return written(compose(points, made));
}

function isStable(text: string, { active }: Tables): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x300) continue; // nothing below changes, or joins what stands before it
    const c = text.codePointAt(i)!;
    if (active.has(c)) return false;
    if (c > 0xffff) i++;
  }
  return true;
}

function decompose(text: string, { parts }: Tables): number[] {
  const points: number[] = [];
  for (const character of text) {
    const c = character.codePointAt(0)!;
    const s = c - SYLLABLE;
    const part = parts.get(c);
    if (part !== undefined) points.push(...part);
    else if (s < 0 || s >= LEADS * VOWELS * TAILS) points.push(c);
    else {
      points.push(LEAD + Math.floor(s / (VOWELS * TAILS)), VOWEL + (Math.floor(s / TAILS) % VOWELS));
      if (s % TAILS > 0) points.push(TAIL + (s % TAILS));
    }
  }
  return points;
}

/** Sorts each run of marks by class, equal classes as they stand. */
function reorder(points: number[], { classes }: Tables): void {
  let from = 0;
  for (let at = 0; at <= points.length; at++) {
    if (at < points.length && classes.has(points[at]!)) continue;
    if (at - from > 1) {
      const run = points.slice(from, at).sort((a, b) => classes.get(a)! - classes.get(b)!);
      for (let i = 0; i < run.length; i++) points[from + i] = run[i]!;
    }
    from = at + 1;
  }
}

function compose(points: readonly number[], tables: Tables): number[] {
  const out: number[] = [];
  let starter = -1; // where the last starter stands in `out`
  let before = 0; // the class of the last character in `out`
  for (const c of points) {
    const rank = tables.classes.get(c) ?? 0;
    // Right after the starter anything may join it; after a mark only a higher class, which is never a starter.
    const joined = starter >= 0 && (before === 0 || before < rank) ? join(out[starter]!, c, tables) : undefined;
    if (joined !== undefined) {
      out[starter] = joined;
      continue;
    }
    if (rank === 0) starter = out.length;
    before = rank;
    out.push(c);
  }
  return out;
}

function join(first: number, second: number, { pairs }: Tables): number | undefined {
  const l = first - LEAD;
  const v = second - VOWEL;
  if (l >= 0 && l < LEADS && v >= 0 && v < VOWELS) return SYLLABLE + (l * VOWELS + v) * TAILS;
  const s = first - SYLLABLE;
  const t = second - TAIL;
  if (s >= 0 && s < LEADS * VOWELS * TAILS && s % TAILS === 0 && t > 0 && t < TAILS) return first + t;
  return pairs.get(pair(first, second));
}

function pair(first: number, second: number): number {
  return first * 0x200000 + second;
}

/** Code points to text, in pieces, since a call takes only so many arguments. */
function written(points: readonly number[]): string {
  let text = "";
  for (let i = 0; i < points.length; i += 4096) text += String.fromCodePoint(...points.slice(i, i + 4096));
  return text;
}

function tables(): Tables {
  const excluded = new Set(runs(EXCLUDED).flatMap(([first, end]) => between(first, end)));
  const classes = readClasses();
  const parts = new Map<number, readonly number[]>();
  const pairs = new Map<number, number>();
  const active = new Set([...classes.keys(), ...between(VOWEL, VOWEL + VOWELS), ...between(TAIL + 1, TAIL + TAILS)]);
  const steps = readSteps();
  const expand = (c: number): number[] => steps.get(c)?.flatMap(expand) ?? [c];
  for (const [c, [first, second]] of steps) {
    parts.set(c, expand(c));
    if (second === undefined || excluded.has(c)) active.add(c);
    else pairs.set(pair(first!, second), c);
    if (second !== undefined) active.add(second);
  }
  return { classes, parts, pairs, active };
}

/** One step of each decomposition, from triples: distance, distance of the first part, second part or 0. */
function readSteps(): Map<number, number[]> {
  const coded = numbers(DECOMPOSITIONS);
  const steps = new Map<number, number[]>();
  let [c, first] = [0, 0];
  for (let i = 0; i < coded.length; i += 3) {
    c += coded[i]!;
    first += coded[i + 1]!;
    const second = coded[i + 2]!;
    steps.set(c, second === 0 ? [first] : [first, second]);
  }
  return steps;
}

/** Ranks of combining classes, from triples: skip, take, rank. */
function readClasses(): Map<number, number> {
  const coded = numbers(CLASSES);
  const classes = new Map<number, number>();
  let at = 0;
  for (let i = 0; i < coded.length; i += 3) {
    const first = at + coded[i]!;
    at = first + coded[i + 1]!;
    for (let c = first; c < at; c++) classes.set(c, coded[i + 2]!);
  }
  return classes;
}

function between(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}
