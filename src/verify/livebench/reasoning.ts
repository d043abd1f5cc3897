/**
 * LiveBench's reasoning: who lies, who lives where, what shapes there are, where somebody stands, sudoku.
 *
 * source   LiveBench b0fb577, process_results/reasoning
 */
import { readInt } from "../python/number.ts";
import { SPACE, splitSpace, strip, WORD } from "../python/text.ts";
import {
  bold,
  boxesNamed,
  closedTwice,
  count,
  lastBox,
  lastLine,
  lastOf,
  solutions,
  solutionsOfAnyCase,
  unboxed,
  without,
} from "./text.ts";

const WORDS = ["yes", "no", "unknown"];
/** All answers to three questions, in their order. */
const TRIPLES = WORDS.flatMap((a) => WORDS.flatMap((b) => WORDS.map((c) => `${a}, ${b}, ${c}`)));

/** Boxes under other names. */
function asBoxes(reply: string): string {
  return boxesNamed(reply.replaceAll("\\\\boxed{\\\\textbf{", "\\\\boxed{")).replaceAll("\\textbf{", "\\boxed{");
}

/** The three words that are found last of all threes, each looked for from the beginning. */
function lastTriple(reply: string): string | undefined {
  const text = reply.toLowerCase();
  let best: { readonly triple: string; readonly at: number } | undefined;
  for (const triple of TRIPLES) {
    const at = text.indexOf(triple);
    if (at > (best?.at ?? -1)) best = { triple, at };
  }
  return best?.triple;
}

/** The web of lies, its second form: three words, all of them right. */
export function webOfLies2(truth: string, reply: string): number {
  const right = truth.toLowerCase();
  const tagged = solutions(reply);
  let said = (tagged.length > 0 ? tagged : closedTwice(reply)).at(-1) ?? inBold(reply);
  let text = reply;
  if (said === undefined || strip(said) === "") {
    text = asBoxes(reply);
    const box = lastBox(text);
    if (box !== undefined) said = unboxed(box);
  }
  const answer = said ?? lastTriple(text) ?? "";
  if (answer === "") return 0;
  const words = WORDS.reduce((sum, word) => sum + count(answer, word), 0);
  return Number(answer === right || (words === 3 && answer.includes(right)));
}

/** The last three answers among the words in bold. */
function inBold(reply: string): string | undefined {
  const words = bold(reply)
    .flatMap(splitSpace)
    .map((word) => without(strip(word.toLowerCase()), ",", "."));
  const answers = words.filter((word) => WORDS.includes(word));
  return answers.length === 0 ? undefined : lastOf(answers, 3).join(", ");
}

/** Half for all, half for the share of what is right. */
function halves(correct: number, total: number): number {
  return (Number(correct === total) + correct / total) / 2;
}

/** Its third form: a word for each question, in its place. */
export function webOfLies3(truth: string, reply: string): number {
  let said = solutions(reply).at(-1);
  let text = reply;
  if (said === undefined || strip(said) === "") {
    text = asBoxes(reply);
    const box = lastBox(text);
    if (box !== undefined) said = without(unboxed(box), "\\text{", "}");
  }
  const answer = said ?? lastTriple(text);
  if (answer === undefined) return 0;
  const [words, right] = [answer.split(","), truth.split(",")];
  return halves(right.filter((word, i) => word === words[i]).length, right.length);
}

const NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** Zebra puzzles until November 2024: one word. */
export function zebraOld(truth: string, reply: string): number {
  const inStars = [...reply.matchAll(new RegExp(String.raw`\*\*\*([${WORD}]+)\*\*\*`, "gu"))].at(-1)?.[1];
  const word = inStars ?? lastWord(reply);
  const right = truth.toLowerCase();
  const spelled = /^[1-9]$/.test(word) ? NUMBERS[Number(word) - 1] : undefined;
  const said = word.toLowerCase();
  return Number(said === right || spelled === right || `${said} movies` === right);
}

function lastWord(text: string): string {
  const one = new RegExp(`[${WORD}]+`, "gu");
  let word = "";
  for (const match of text.matchAll(one)) word = match[0];
  return word;
}

/** Zebra puzzles since then: a list of answers. */
export function zebra(truth: string, reply: string): number {
  const right = truth.split(",");
  const said = listIn(reply, right.length);
  if (said === undefined) return 0;
  const plain = (word: string) => strip(word).toLowerCase().replaceAll("-", " ");
  const same = right.filter((word, i) => {
    const other = said[i];
    return other !== undefined && without(plain(other), "position").includes(plain(word));
  });
  return halves(same.length, right.length);
}

function listIn(reply: string, length: number): readonly string[] | undefined {
  let found = solutions(reply);
  if (found.length === 0) found = closedTwice(reply);
  let text = reply;
  if (found.length === 0) {
    text = boxesNamed(reply);
    const box = lastBox(text);
    if (box !== undefined) found = [without(unboxed(box), "\\text{", "}", "\\")];
  }
  if (found.length === 0) {
    const line = lastLine(text);
    if (count(line, ",") === length - 1) found = [line];
  }
  if (found.length <= 1) return found[0]?.split(",");
  return lastOf(
    found.flatMap((one) => one.split(",")),
    length,
  );
}

/** Characters of a line that is looked through for stars, and of all such lines: the pattern's time grows with their square. */
const LONGEST_LINE = 20_000;
const LONGEST = 100_000;

/** Houses one after another: names in bold, in their order. */
export function houses(truth: string, reply: string): number {
  const found = starred(reply.toLowerCase());
  if (found.length === 0) return 0;
  const names = truth.toLowerCase().split(" ");
  const lastBold = lastOf(found, names.length);
  if (found.length >= names.length && names.every((name, i) => lastBold[i]!.includes(name))) return 1;
  let last = -1;
  for (const name of names) {
    const at = found.at(-1)![1].indexOf(name);
    if (at <= last) return 0;
    last = at;
  }
  return 1;
}

/** The stars before and after, and what stands between. */
function starred(text: string): (readonly [stars: string, text: string])[] {
  const end = text.slice(-LONGEST);
  const lines = end.split("\n").filter((line) => line.length <= LONGEST_LINE);
  return lines.flatMap((line) =>
    [...line.matchAll(/(\*{2,})(.*?)\1/gs)].map((match) => [match[1]!, match[2]!] as const),
  );
}

const SPELLED =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
    " ",
  );
const SHAPES = ["tetrahedra", "tetrahedron", "triangle", "square"];

/** Shapes in space: one of the last three words in bold, or a box. */
export function spatial(truth: string, reply: string): number {
  if (reply === truth) return 1;
  const right = strip(truth).toLowerCase();
  const words = lastOf([...reply.matchAll(/\*\*([^*]+)\*\*/g)], 3).map((match) => strip(match[1]!).toLowerCase());
  const says = (word: string) =>
    word === right ||
    (SPELLED.includes(word) && String(SPELLED.indexOf(word)) === right) ||
    SHAPES.some((shape) => right === shape && word.includes(shape) && [...word].length < 2 * shape.length + 5);
  if (words.some(says)) return 1;
  const box = lastBox(boxesNamed(reply));
  return Number(box !== undefined && without(unboxed(box), "\\textbf{", "\\mathbf{", "\\text{", "}") === truth);
}

/** What somebody thinks that somebody knows. */
export function mind(truth: string, reply: string): number {
  let found = solutionsOfAnyCase(reply);
  if (found.length === 0) found = solutionsOfAnyCase(reply, true);
  const said = strip((found.at(-1) ?? unprefixed(strip(lastLine(reply)))).toLowerCase());
  return Number(strip(said.replace(/[.,!?;:]/g, "")).includes(strip(truth).toLowerCase()));
}

function unprefixed(line: string): string {
  return ["Answer:", "answer:", "The answer is", "the answer is"].reduce(
    (left, prefix) => (left.startsWith(prefix) ? strip(left.slice(prefix.length)) : left),
    line,
  );
}

const COMMA = `[${SPACE}]*,[${SPACE}]*`;
const BRACKETED = new RegExp(String.raw`\([${SPACE}]*(-?\p{Nd}+)${COMMA}(-?\p{Nd}+)[${SPACE}]*\)`, "u");
const PAIR = new RegExp(String.raw`(-?\p{Nd}+)${COMMA}(-?\p{Nd}+)`, "u");

/** Where a walk ends: two numbers. */
export function walk(truth: unknown, reply: string): number {
  const text = solutionsOfAnyCase(reply).at(-1);
  if (text === undefined || !Array.isArray(truth)) return 0;
  const pair = BRACKETED.exec(strip(text)) ?? PAIR.exec(strip(text));
  const at = (i: number) => Number(readInt(pair?.[i] ?? ""));
  return Number(pair !== null && at(1) === truth[0] && at(2) === truth[1]);
}

const SPACES = new RegExp(`[${SPACE}]+`, "g");

/** Sudoku: all cells of the first solution. */
export function sudoku(truth: string, reply: string): number {
  const said = solutionsOfAnyCase(reply)[0] ?? "";
  return Number(said.replace(SPACES, "") === truth.replace(SPACES, ""));
}
