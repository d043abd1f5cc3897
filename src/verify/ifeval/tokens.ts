/**
 * Words as nltk cuts them, sentence by sentence: marks of punctuation apart, "don't" as "do" and "n't". IFEval counts
 * those that are in capitals.
 *
 * source   nltk 3.10.4 tokenize/destructive.py: NLTKWordTokenizer.tokenize; the rules are the Penn Treebank's
 */
import { isSpace, SPACE, splitSpace, WORD } from "../python/text.ts";
import { sentences } from "./punkt.ts";

type Rule = readonly [RegExp, string];

const EDGE = `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;

const OPENING: readonly Rule[] = [
  [/[\u00ab\u201c\u2018\u201e]|`+/gu, " $& "],
  [/^"/gu, "``"],
  [/``/gu, " $& "],
  [/([ ([{<])("|'{2})/gu, "$1 `` "],
  [new RegExp(`(?<![${WORD}])'(?!(?:re|ve|ll|m|t|s|d|n)${EDGE})(?=[${WORD}])`, "giu"), "' "],
];

const MARKS: readonly Rule[] = [
  [/([:,])(\P{Nd})/gu, " $1 $2"],
  [/([:,])(?=\n?$)/gu, " $1 "],
  [/\.{2,}/gu, " $& "],
  [/[;@#$%&]/gu, " $& "],
  [/[\u2012-\u2015]/gu, " $& "],
];

const LATER_MARKS: readonly Rule[] = [
  [/[?!]/gu, " $& "],
  [/([^'])' /gu, "$1 ' "],
  [/[*]/gu, " $& "],
  [/[\][(){}<>]/gu, " $& "],
  [/--/gu, " -- "],
];

const CLOSING: readonly Rule[] = [
  [/[\u00bb\u201d\u2019]/gu, " $& "],
  [/''/gu, " '' "],
  [/"/gu, " '' "],
  [new RegExp(`[${SPACE}]+`, "gu"), " "],
  [/([^' ])('[sS]|'[mM]|'[dD]|') /gu, "$1 $2 "],
  [/([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) /gu, "$1 $2 "],
];

const CONTRACTIONS: readonly Rule[] = [
  ...["(can)(not)", "(d)('ye)", "(gim)(me)", "(gon)(na)", "(got)(ta)", "(lem)(me)", "(more)('n)"].map((pair): Rule => [
    new RegExp(EDGE + pair + EDGE, "giu"),
    " $1 $2 ",
  ]),
  [new RegExp(`${EDGE}(wan)(na)(?=[${SPACE}])`, "giu"), " $1 $2 "],
  [new RegExp(` ('t)(is)${EDGE}`, "giu"), " $1 $2 "],
  [new RegExp(` ('t)(was)${EDGE}`, "giu"), " $1 $2 "],
];

/** The words of a text. */
export function tokens(text: string): string[] {
  return sentences(text).flatMap(({ from, to }) => sentenceTokens(text.slice(from, to)));
}

/** The words of one sentence. */
export function sentenceTokens(sentence: string): string[] {
  let text = apply(OPENING, sentence);
  text = splitPeriod(text, "])}>\"'\u00bb\u201d\u2019 ");
  text = apply(MARKS, text);
  text = splitPeriod(text, "])}>\"'");
  text = apply(LATER_MARKS, text);
  text = apply(CLOSING, ` ${text} `);
  return splitSpace(apply(CONTRACTIONS, text));
}

function apply(rules: readonly Rule[], text: string): string {
  return rules.reduce((done, [regex, by]) => done.replace(regex, by), text);
}

/** The last period of the sentence stands by itself, with what closes after it; one of several periods does not. */
function splitPeriod(text: string, closing: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1]!)) end--;
  while (end > 0 && closing.includes(text[end - 1]!)) end--;
  const at = end - 1;
  if (at < 1 || text[at] !== "." || text[at - 1] === ".") return text;
  return `${text.slice(0, at)} . ${text.slice(end)} `;
}
