/**
 * Sentences as Punkt finds them: a period ends one unless it belongs to an abbreviation, an initial or a number, which is
 * judged by what was seen in a large text of English.
 *
 *   a place is a candidate     . ? or ! before closing punctuation, or before white space and another word
 *   first look, by the word    ? and ! end a sentence; so does a period, unless the word is a known abbreviation
 *   second look, by the pair   a known pair takes the end away; an abbreviation ends a sentence after all where the
 *                              next word is one that begins sentences; an initial or number does not where it is not
 *
 * cost     time linear in the text
 * source   Kiss and Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection", 4; nltk 3.10.4
 *          tokenize/punkt.py: PunktSentenceTokenizer.span_tokenize
 * golden   graders/punkt-english.json.gz: the parameters, as nltk's package punkt_tab has them (MIT)
 */
import { isLower, isSpace, isUpper, SPACE, WORD } from "../python/text.ts";
import { BEGINS_LOWER, english, INSIDE_UPPER, LOWER, UPPER } from "./punkt-english.ts";

/** A sentence's place in its text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

interface Token {
  readonly text: string;
  /** In lower case; every number is one type. */
  readonly type: string;
  readonly initial: boolean;
  ends: boolean;
  readonly abbreviation: boolean;
  readonly ellipsis: boolean;
}

/** What may stand at the end of a sentence, and what may follow it without a space. */
const ENDS = /[.?!]/g;
const CLOSERS = "[)\";}\\]*:@'({\\[\u2018\u2019\u201c\u201d\u00ab\u00bb?!]";
const CLOSER = new RegExp(`^${CLOSERS}$`);
/** What moves to the sentence before it. */
const TRAILING = new Set("\"')]}\u2018\u2019\u201c\u201d\u00ab\u00bb");
/** `string.whitespace`, which is ASCII's alone. */
const ASCII_SPACE = new Set(" \t\n\r\v\f");

const SEVERAL = String.raw`(?:-{2,}|\.{2,}|(?:\.[${SPACE}]){2,}\.)`;
const START = '[^("`{\\[:;&#*@)}\\]\\-,]';
const AFTER = `[${SPACE}]|$|${CLOSERS}|${SEVERAL}`;
const PIECE = new RegExp(`${SEVERAL}|(?=${START})[^${SPACE}]+?(?=${AFTER}|,(?=${AFTER}))|[^${SPACE}]`, "gu");

const NUMBER = /^-?[.,]?\p{Nd}[\p{Nd},.-]*\.?$/u;
const INITIAL = new RegExp(`^(?!\\p{Nd})[${WORD}]\\.$`, "u");
const NUMBER_TYPE = "##number##";
const PUNCTUATION = new Set(";:,.!?");

/** The sentences of a text, in their order. */
export function sentences(text: string): Span[] {
  return realigned(text, split(text));
}

/** Cut where a candidate turns out to be an end. */
function split(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const { at, next, context } of candidates(text)) {
    if (!holdsAnEnd(context)) continue;
    spans.push({ from, to: at + 1 });
    from = next;
  }
  let to = text.length;
  while (to > 0 && isSpace(text[to - 1]!)) to--;
  spans.push({ from, to });
  return spans;
}

interface Candidate {
  /** Where its mark stands. */
  readonly at: number;
  /** Where the next sentence would begin. */
  readonly next: number;
  /** What follows it, as far as it is looked at. */
  readonly after: string;
}

/** Candidates with the word before each; of those in one word the last alone. */
function* candidates(text: string): Generator<Candidate & { readonly context: string }> {
  let before: Span = { from: 0, to: 0 };
  let last: Candidate | undefined;
  const made = (candidate: Candidate, { from, to }: Span) => ({
    ...candidate,
    context: text.slice(from, to) + text[candidate.at] + candidate.after,
  });
  for (const match of text.matchAll(ENDS)) {
    const candidate = following(text, match.index);
    if (candidate === undefined) continue;
    const space = lastSpace(text, before.to, candidate.at);
    const word = { from: space > before.to ? space + 1 : before.from, to: candidate.at };
    if (last !== undefined && before.to <= word.from) yield made(last, before);
    last = candidate;
    before = word;
  }
  if (last !== undefined) yield made(last, before);
}

function following(text: string, at: number): Candidate | undefined {
  const character = text[at + 1] ?? "";
  if (CLOSER.test(character)) return { at, next: at + 1, after: character };
  let from = at + 1;
  while (from < text.length && isSpace(text[from]!)) from++;
  if (from === at + 1 || from === text.length) return undefined;
  let to = from;
  while (to < text.length && !isSpace(text[to]!)) to++;
  return { at, next: from, after: text.slice(at + 1, to) };
}

/** The last white space of ASCII in [from, to); -1 where there is none. */
function lastSpace(text: string, from: number, to: number): number {
  for (let at = to - 1; at >= from; at--) if (ASCII_SPACE.has(text[at]!)) return at;
  return -1;
}

/** Closing marks after an end go to the sentence before. */
function realigned(text: string, spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  let moved = 0;
  spans.forEach(({ from, to }, index) => {
    const start = from + moved;
    const next = spans[index + 1];
    const closing = next === undefined ? 0 : closers(text, next);
    moved = 0;
    if (next === undefined || closing === 0) {
      if (start < to) out.push({ from: start, to });
      return;
    }
    out.push({ from: start, to: next.from + closing });
    moved = closing;
    while (next.from + moved < next.to && isSpace(text[next.from + moved]!)) moved++;
  });
  return out;
}

/** How many closing marks a sentence begins with, where white space, a dash or the end follows them. */
function closers(text: string, { from, to }: Span): number {
  let at = from;
  while (at < to && TRAILING.has(text[at]!)) at++;
  const whole = at === to || isSpace(text[at]!) || text.startsWith("--", at);
  return whole ? at - from : 0;
}

/** Whether a sentence ends in a context before its last token. */
function holdsAnEnd(context: string): boolean {
  const tokens = context.split("\n").flatMap((line) => (line.match(PIECE) ?? []).map(token));
  tokens.forEach((one, index) => {
    const next = tokens[index + 1];
    if (next !== undefined) lookAgain(one, next);
  });
  return tokens.slice(0, -1).some(({ ends }) => ends);
}

function token(text: string): Token {
  const lower = text.toLowerCase();
  const ellipsis = /^\.\.+$/.test(text);
  const period = text.endsWith(".") && !text.endsWith("..") && text !== ".";
  const stem = lower.slice(0, -1);
  const { abbreviations } = english();
  const abbreviation = period && (abbreviations.has(stem) || abbreviations.has(stem.slice(stem.lastIndexOf("-") + 1)));
  return {
    text,
    type: NUMBER.test(lower) ? NUMBER_TYPE : lower,
    initial: INITIAL.test(text),
    ends: text === "." || text === "?" || text === "!" || (period && !abbreviation),
    abbreviation,
    ellipsis,
  };
}

/** The second look, at a token and the next. */
function lookAgain(one: Token, next: Token): void {
  if (!one.text.endsWith(".")) return;
  const { pairs, starters } = english();
  const type = withoutPeriod(one.type);
  const nextType = next.ends ? withoutPeriod(next.type) : next.type;
  if (pairs.has(`${type}\t${nextType}`)) {
    one.ends = false;
    return;
  }
  const begins = beginsSentence(next.text, nextType);
  const upper = isUpper(first(next.text));
  if ((one.abbreviation || one.ellipsis) && !one.initial && (begins === true || (upper && starters.has(nextType)))) {
    one.ends = true;
    return;
  }
  if (!one.initial && type !== NUMBER_TYPE) return;
  if (begins === false || (begins === undefined && one.initial && upper && !seen(nextType, LOWER))) one.ends = false;
}

/** Whether a word begins a sentence, by how it was seen written; `undefined` where that says nothing. */
function beginsSentence(text: string, type: string): boolean | undefined {
  if (PUNCTUATION.has(text)) return false;
  if (isUpper(first(text)) && seen(type, LOWER) && !seen(type, INSIDE_UPPER)) return true;
  if (isLower(first(text)) && (seen(type, UPPER) || !seen(type, BEGINS_LOWER))) return false;
  return undefined;
}

function seen(type: string, as: number): boolean {
  return ((english().contexts.get(type) ?? 0) & as) !== 0;
}

function first(text: string): string {
  return String.fromCodePoint(text.codePointAt(0)!);
}

function withoutPeriod(type: string): string {
  return type.length > 1 && type.endsWith(".") ? type.slice(0, -1) : type;
}
