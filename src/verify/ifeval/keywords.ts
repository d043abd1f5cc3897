/** IFEval's instructions on keywords, letters and commas. */
import { readPattern } from "../python/pattern.ts";
import { strip } from "../python/text.ts";
import type { Arguments, Relation } from "./arguments.ts";

/** Whether so many are as many as was asked for. */
export function holds(count: number, relation: Relation, limit: number): boolean {
  return relation === "less than" ? count < limit : count >= limit;
}

/** Each keyword is there, also inside a word, in any case. A keyword is a pattern of Python's. */
export function hasKeywords(text: string, { keywords }: Arguments["keywords:existence"]): boolean {
  return keywords.every((keyword) => readPattern(keyword, { ignoreCase: true }).found(text));
}

/** The keyword is there so many times. */
export function keywordFrequency(text: string, args: Arguments["keywords:frequency"]): boolean {
  const { keyword, relation, frequency } = args;
  return holds(readPattern(strip(keyword), { ignoreCase: true }).count(text), relation, frequency);
}

/** None of the words is there as a word. */
export function forbiddenWords(text: string, args: Arguments["keywords:forbidden_words"]): boolean {
  return args.forbidden_words.every((word) => !readPattern(word, { ignoreCase: true, word: true }).found(text));
}

/**
 * The letter is there so many times, in either case. The official grader draws a letter at random in place of one that is
 * not of a to z; here `#` is counted as `#`.
 */
export function letterFrequency(text: string, args: Arguments["keywords:letter_frequency"]): boolean {
  const count = text.toLowerCase().split(strip(args.letter).toLowerCase()).length - 1;
  return holds(count, args.let_relation, args.let_frequency);
}

/** There is no comma. Those of other scripts are others. */
export function noComma(text: string): boolean {
  return !text.includes(",");
}
