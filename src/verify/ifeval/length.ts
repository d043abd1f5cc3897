/** IFEval's instructions on length: words, sentences, paragraphs. */
import { SPACE, splitSpace, strip, stripStart, WORD } from "../python/text.ts";
import type { Arguments } from "./arguments.ts";
import { holds } from "./keywords.ts";
import { sentences } from "./punkt.ts";

const WORDS = new RegExp(`[${WORD}]+`, "gu");
const DIVIDER = new RegExp(String.raw`[${SPACE}]?\*\*\*[${SPACE}]?`, "u");

/** Runs of letters, numbers and underscores: "don't" is two words. */
export function numberWords(text: string, args: Arguments["length_constraints:number_words"]): boolean {
  return holds(text.match(WORDS)?.length ?? 0, args.relation, args.num_words);
}

/** Sentences as Punkt cuts them. */
export function numberSentences(text: string, args: Arguments["length_constraints:number_sentences"]): boolean {
  return holds(sentences(text).length, args.relation, args.num_sentences);
}

/** Paragraphs between dividers of three stars; only the first and the last may be empty, and do not count then. */
export function numberParagraphs(text: string, args: Arguments["length_constraints:number_paragraphs"]): boolean {
  const parts = text.split(DIVIDER);
  const empty = parts.map((part) => strip(part) === "");
  if (empty.slice(1, -1).includes(true)) return false;
  return empty.filter((one) => !one).length === args.num_paragraphs;
}

/** What ends a first word. */
const PUNCTUATION = new Set(".,?!'\"");

/**
 * So many paragraphs with an empty line between them, and the nth begins with the word. Empty paragraphs are not counted,
 * but have a place: where there are some, the nth of all is looked at.
 */
export function nthParagraph(text: string, args: Arguments["length_constraints:nth_paragraph_first_word"]): boolean {
  const paragraphs = text.split("\n\n").map((part) => strip(part));
  const count = paragraphs.filter((part) => part !== "").length;
  const nth = args.nth_paragraph > count ? "" : (paragraphs[args.nth_paragraph - 1] ?? "");
  return nth !== "" && count === args.num_paragraphs && firstWord(nth) === args.first_word.toLowerCase();
}

function firstWord(paragraph: string): string {
  const word = stripStart(stripStart(splitSpace(paragraph)[0]!, "'"), '"');
  const end = [...word].findIndex((letter) => PUNCTUATION.has(letter));
  const letters = end < 0 ? [...word] : [...word].slice(0, end);
  return letters.map((letter) => letter.toLowerCase()).join("");
}
