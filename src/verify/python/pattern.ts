/**
 * Patterns that come with a problem: Python's `re` on a keyword that somebody wrote. Nearly all are plain words, found
 * as such. One with operators is matched by automata, in time linear in the reply, so that no pattern can hang a grader.
 *
 * numbers  lookaround and references back have no automaton: such a pattern is an error. `\b` in a pattern with
 *          operators looks at ASCII alone
 * source   CPython 3.11: Lib/re/_casefix.py (which letters are one under IGNORECASE); Cox 2007, "Regular Expression
 *          Matching Can Be Simple And Fast"
 */
import { RE2JS } from "re2js";
import { FormatError } from "../../errors.ts";
import { SPACE, WORD } from "./text.ts";

export interface Pattern {
  /** How many matches there are, none overlapping. */
  count(text: string): number;
  /** Whether there is one. */
  found(text: string): boolean;
}

export interface PatternOptions {
  /** Python's IGNORECASE. */
  readonly ignoreCase?: boolean;
  /** Whether a match begins and ends at `\b`. */
  readonly word?: boolean;
  /** What precedes and follows the pattern, as JavaScript writes it (flag u). */
  readonly before?: string;
  readonly after?: string;
}

const OPERATORS = /[\\^$.|?*+()[\]{}]/;
/** Longer ones would make automata of many states. */
const LONGEST = 1000;

/** Python's `\b`. */
const EDGE = `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;

/**
 * Reads a pattern.
 *
 * throws   FormatError E_PATTERN where it is none, or none that an automaton can match
 */
export function readPattern(source: string, options: PatternOptions = {}): Pattern {
  if (source.length > LONGEST) throw noPattern(source, `at most ${LONGEST} characters`, `${source.length}`);
  return OPERATORS.test(source) ? automaton(source, options) : literal(source, options);
}

function literal(
  source: string,
  { ignoreCase = false, word = false, before = "", after = "" }: PatternOptions,
): Pattern {
  const prepare = ignoreCase ? fold : (text: string) => text;
  const edge = word ? EDGE : "";
  const body = prepare(source).replace(/[/-]/g, String.raw`\$&`);
  const regex = new RegExp(before + edge + body + edge + after, "gu");
  return {
    count: (text) => prepare(text).match(regex)?.length ?? 0,
    found: (text) => prepare(text).search(regex) >= 0,
  };
}

/**
 * One spelling for letters that Python takes for the same when case is ignored: the lower case of the upper case, where
 * each is one character. `s` and the long s become one, `i` and the one without a dot.
 */
export function fold(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, foldCharacter).toLowerCase();
}

function foldCharacter(character: string): string {
  if (character === "\u0130") return "i";
  const lower = character.toLowerCase();
  const back = lower.toUpperCase().toLowerCase();
  return [...back].length === 1 ? back : lower;
}

function automaton(
  source: string,
  { ignoreCase = false, word = false, before = "", after = "" }: PatternOptions,
): Pattern {
  const edge = word ? String.raw`\b` : "";
  const translated = translate(before + edge + "(?:") + translate(source) + translate(")" + edge + after);
  const compiled = compile(source, translated, ignoreCase);
  return {
    count(text) {
      const matcher = compiled.matcher(text);
      let count = 0;
      while (matcher.find()) count++;
      return count;
    },
    found: (text) => compiled.matcher(text).find(),
  };
}

function compile(source: string, translated: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(translated, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw noPattern(source, "a pattern without lookaround or references back", (error as Error).message);
  }
}

function noPattern(source: string, expected: string, actual: string): FormatError {
  const hint = "Mend the instruction's pattern, or write its operators with a backslash.";
  return new FormatError("E_PATTERN", `pattern ${JSON.stringify(source.slice(0, 40))}`, { expected, actual, hint });
}

/** Python's classes in place of RE2's, which know ASCII alone. */
function translate(source: string): string {
  let inClass = false;
  return source.replace(/\\[^]|[[\]]/g, (piece) => {
    if (piece === "[") inClass = true;
    if (piece === "]") inClass = false;
    const members = CLASSES[piece];
    if (members === undefined) return piece;
    return inClass ? members : `[${members}]`;
  });
}

/** As RE2 writes them. */
const CLASSES: Readonly<Record<string, string>> = {
  "\\w": WORD,
  "\\d": String.raw`\p{Nd}`,
  "\\s": SPACE.replace(/\\u([0-9a-f]{4})/g, String.raw`\x{$1}`),
};
