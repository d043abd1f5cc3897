/**
 * How text is cut into words before merging: no token reaches over a cut.
 *
 * The patterns are regular expressions of the reference's engine. They are walked by hand here, since a cut must not
 * depend on the Unicode version of the machine's own engine, and since a walk takes linear time on any text.
 *
 * source   tokenizer.json of QwQ-32B and SmolLM2; tokenizers 0.23: Split, Digits, ByteLevel
 * golden   text/encode.json
 */
import { DIGIT, kinds, LETTER, NUMBER, SPACE } from "./unicode.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Qwen's pattern, as tokenizer.json has it: contractions, words, single digits, symbols, newlines, spaces. */
export const QWEN2_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** GPT-2's, which the library's ByteLevel pre-tokenizer holds. */
export const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Without regard to case, where U+017F is an s too. */
const QWEN2_CONTRACTION = /'(?:[sS\u017ftTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])/y;
const GPT2_CONTRACTION = /'(?:[stmd]|re|ve|ll)/y;

/** The words of a text, in order; together they are the text. */
export function split(text: string, pattern: Vocabulary["pattern"]): string[] {
  const words: string[] = [];
  if (pattern === "qwen2") cut(text, 0, text.length, qwen2, words);
  else if (pattern === "gpt2") cut(text, 0, text.length, gpt2, words);
  else digits(text, words);
  return words;
}

/** A walk: where the word that begins at `i` ends. It sees nothing beyond `end`. */
type Walk = (text: string, i: number, end: number) => number;

function cut(text: string, from: number, end: number, walk: Walk, words: string[]): void {
  for (let i = from; i < end;) {
    const next = walk(text, i, end);
    words.push(text.slice(i, next));
    i = next;
  }
}

/** SmolLM2's: every numeric character is a word, and GPT-2's pattern cuts what lies between, as if it were all. */
function digits(text: string, words: string[]): void {
  const kind = kinds();
  let from = 0;
  for (let i = 0; i < text.length;) {
    const c = text.codePointAt(i)!;
    const next = i + (c > 0xffff ? 2 : 1);
    if ((kind[c]! & DIGIT) !== 0) {
      cut(text, from, i, gpt2, words);
      words.push(text.slice(i, next));
      from = next;
    }
    i = next;
  }
  cut(text, from, text.length, gpt2, words);
}

function qwen2(text: string, i: number, end: number): number {
  const c = text.codePointAt(i)!;
  if (c === QUOTE) {
    const contracted = contraction(QWEN2_CONTRACTION, text, i, end);
    if (contracted > 0) return contracted;
  }
  const next = i + (c > 0xffff ? 2 : 1);
  const kind = kinds()[c]! & (LETTER | NUMBER | SPACE);
  if (kind === NUMBER) return next; //                               \p{N}
  const newline = c === CR || c === LF;
  if (kind === LETTER || !newline) {
    const letters = run(text, next, end, LETTER); //                 [^\r\n\p{L}\p{N}]?\p{L}+
    if (kind === LETTER || letters > next) return letters;
  }
  const symbols = kind === 0 || c === BLANK ? run(text, next, end, 0) : next;
  if (kind === 0 || symbols > next) return newlines(text, symbols, end); // ?[^\s\p{L}\p{N}]+[\r\n]*
  return spaces(text, i, end, true);
}

function gpt2(text: string, i: number, end: number): number {
  const c = text.codePointAt(i)!;
  if (c === QUOTE) {
    const contracted = contraction(GPT2_CONTRACTION, text, i, end);
    if (contracted > 0) return contracted;
  }
  const kind = kinds()[c]! & (LETTER | NUMBER | SPACE);
  if (kind !== SPACE) return run(text, i, end, kind);
  if (c === BLANK && i + 1 < end) {
    const after = kinds()[text.codePointAt(i + 1)!]! & (LETTER | NUMBER | SPACE);
    if (after !== SPACE) return run(text, i + 1, end, after); //     ?\p{L}+ and its like
  }
  return spaces(text, i, end, false);
}

const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x27;

function contraction(pattern: RegExp, text: string, i: number, end: number): number {
  pattern.lastIndex = i;
  return pattern.test(text) && pattern.lastIndex <= end ? pattern.lastIndex : 0;
}

/** The end of the run of characters of one kind (0: neither letter, number nor space) from `i` on. */
function run(text: string, i: number, end: number, kind: number): number {
  const table = kinds();
  while (i < end) {
    const c = text.codePointAt(i)!;
    if ((table[c]! & (LETTER | NUMBER | SPACE)) !== kind) break;
    i += c > 0xffff ? 2 : 1;
  }
  return i;
}

function newlines(text: string, i: number, end: number): number {
  while (i < end && (text.charCodeAt(i) === LF || text.charCodeAt(i) === CR)) i++;
  return i;
}

/**
 * \s*[\r\n]+ where asked for, to the last newline of the run; else \s+(?!\S), which leaves the last space to the word
 * after it; else \s+, the only one there is. No space lies beyond U+FFFF.
 */
function spaces(text: string, i: number, end: number, lines: boolean): number {
  const stop = run(text, i, end, SPACE);
  if (lines) {
    for (let at = stop; at > i; at--) {
      if (text.charCodeAt(at - 1) === LF || text.charCodeAt(at - 1) === CR) return at;
    }
  }
  return stop === end || stop === i + 1 ? stop : stop - 1;
}
