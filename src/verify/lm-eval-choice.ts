/**
 * The letter of a multiple choice as lm-evaluation-harness reads it: its two filters for GPQA, and its comparison. They look
 * for "The answer is (C)", which its own prompts show; QwQ is asked for a field, which they do not see. So their figures
 * stand beside the score, not in its place.
 *
 * source   lm-evaluation-harness 0.4.13, filters/extraction.py: RegexFilter, MultiChoiceRegexFilter; api/metrics.py:
 *          exact_match_hf_evaluate; tasks/gpqa/cot_zeroshot
 */

const NONE = "[invalid]";
/** What string.punctuation has. */
const ASCII_MARKS = /[!-/:-@[-`{-~]/g;

/** Whether its filter "strict-match" finds the right choice: what follows "The answer is ", up to the last character but one of the line. */
export function strictMatch(reply: string, letter: string): boolean {
  const found = /(?<=The answer is )(.*)(?=.)/.exec(reply.replace(LINE_ENDS, " "))?.[1];
  return matches(found === undefined ? NONE : strip(found), letter);
}

/**
 * Whether its filter "flexible-extract" finds it: the last capital in parentheses; else the last text of a choice, without
 * case and marks; else the last letter of a choice behind a colon.
 */
export function flexibleMatch(reply: string, letter: string, choices: readonly string[]): boolean {
  const letters = choices.map((_, i) => String.fromCharCode(65 + i));
  const bracketed = last(reply, /\([A-Z]\)/g);
  const colon = () => last(reply, new RegExp(`:${SPACE}*([${letters.join("")}])`, "g"));
  return matches(bracketed ?? choiceSaid(reply, letters, choices) ?? colon() ?? NONE, letter);
}

/** What Python's regular expressions take for white space. */
const SPACE = String.raw`(?:[^\S\ufeff]|[\x1c-\x1f\x85])`;
const ENDS = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");
/** JavaScript's dot stops at these too, Python's at \n alone. */
const LINE_ENDS = /[\r\u2028\u2029]/g;

function choiceSaid(reply: string, letters: readonly string[], choices: readonly string[]): string | undefined {
  const texts = choices.map((choice) => bare(strip(choice)));
  // The longest first, so that no choice is found within another.
  const ordered = [...texts].sort((a, b) => [...b].length - [...a].length);
  const said = strip(last(bare(reply), new RegExp(ordered.map(escaped).join("|"), "gu")) ?? "");
  if (said === "") return undefined;
  const place = texts.lastIndexOf(said);
  return place < 0 ? said : `(${letters[place]!})`;
}

/** The last match of a pattern: its group where it has one. */
function last(text: string, pattern: RegExp): string | undefined {
  let found: string | undefined;
  for (const match of text.matchAll(pattern)) found = match[1] ?? match[0];
  return found;
}

function matches(found: string, letter: string): boolean {
  return found.toLowerCase().replace(ASCII_MARKS, "") === letter.toLowerCase();
}

const bare = (text: string) => text.toLowerCase().replace(/\p{P}/gu, "");
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
const strip = (text: string) => text.replace(ENDS, "");
