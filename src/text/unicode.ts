/**
 * The classes of characters that the reference's regex engine knows: Oniguruma, as tokenizers 0.23 carries it.
 *
 * Node's own \p{L}, \p{N} and \s are another Unicode version's: Node 20 has 4,644 letters more, and its \s has U+FEFF but
 * not U+0085. One letter taken for a symbol cuts a word in two and changes its ids.
 */
import { LETTERS, NUMBERS, NUMERIC, SPACES } from "./unicode-data.ts";

/** Bits of a character's kind. \p{L}, \p{N} and \s of the regex engine share no character. */
export const LETTER = 1;
export const NUMBER = 2;
export const SPACE = 4;
/** What Hugging Face's Digits pre-tokenizer sets apart: Rust's `char::is_numeric`, of another Unicode version than \p{N}. */
export const DIGIT = 8;

let table: Uint8Array | undefined;

/** The kind of every code point, as bits; 0 for what is none of them. Made at the first call (1.1 MB). */
export function kinds(): Uint8Array {
  table ??= fill(new Uint8Array(0x110000));
  return table;
}

function fill(kind: Uint8Array): Uint8Array {
  const classes = [
    [LETTERS, LETTER],
    [NUMBERS, NUMBER],
    [SPACES, SPACE],
    [NUMERIC, DIGIT],
  ] as const;
  for (const [coded, bit] of classes) {
    for (const [first, end] of runs(coded)) {
      for (let c = first; c < end; c++) kind[c]! |= bit;
    }
  }
  return kind;
}

/** The numbers of a coded table: base 36, separated by spaces. */
export function numbers(coded: string): number[] {
  return coded.split(" ").map((word) => parseInt(word, 36));
}

/** Runs [first, one past the last] from the distances between their ends: skip, take, skip, take ... */
export function runs(coded: string): [first: number, end: number][] {
  const steps = numbers(coded);
  const found: [number, number][] = [];
  let at = 0;
  for (let i = 0; i < steps.length; i += 2) {
    const first = at + steps[i]!;
    at = first + steps[i + 1]!;
    found.push([first, at]);
  }
  return found;
}
