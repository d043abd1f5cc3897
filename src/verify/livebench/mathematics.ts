/**
 * LiveBench's mathematics: competitions with five choices, AIME, and proofs whose formulas are to be put in order.
 *
 * source   LiveBench b0fb577, process_results/math/math_competitions/utils.py, math/olympiad/utils.py
 */
import { readInt } from "../python/number.ts";
import { SPACE, strip } from "../python/text.ts";
import { levenshtein } from "./distance.ts";
import { boxesNamed, lastBox, lastCharacters, lastLine, Raised, solutions, unboxed, without } from "./text.ts";

/** Whether the last solution is this character, once or repeated. */
function repeats(reply: string, truth: string): boolean {
  const kinds = new Set(solutions(reply).at(-1) ?? "");
  return kinds.size === 1 && [...kinds][0]!.toLowerCase() === truth.toLowerCase();
}

/** AMC and its like: one of the letters A to E, said in one of many ways, or the value of the choice at the end. */
export function contest(truth: string, reply: string, question: string): number {
  if (!/^[A-E]$/.test(truth)) throw new Raised("the answer is no letter");
  if (repeats(reply, truth) || reply.includes(truth.repeat(4))) return 1;
  const text = boxesNamed(reply);
  const box = lastBox(text);
  if (box !== undefined && without(unboxed(box), "\\text{", "}", "\\").toLowerCase() === truth.toLowerCase()) return 1;
  const value = choiceIn(question, truth);
  if (lastCharacters(text, 20 + [...value].length).includes(value)) return 1;
  const line = lastLine(text);
  if (without(strip(line), "*").toLowerCase() === truth.toLowerCase()) return 1;
  if (!line.includes("(") || !line.includes(")")) return 0;
  return Number(line.split("(")[1]!.split(")")[0]!.toLowerCase() === truth.toLowerCase());
}

const CHOICE = new RegExp(String.raw`\\textbf\{\(([A-E])\)[${SPACE}]?\}([^\n]*?)(?:\\qquad|\$)`, "g");

/** The text of a choice as the question has it. */
function choiceIn(question: string, letter: string): string {
  const choices = new Map([...question.matchAll(CHOICE)].map((match) => [match[1]!, strip(match[2]!)]));
  return strip(strip(strip(choices.get(letter) || "FAILURE"), "$"), "~");
}

/** AIME: the number at the end. */
export function aime(truth: string, reply: string): number {
  return Number(repeats(reply, truth) || lastCharacters(reply, 50).includes(truth));
}

const NONE = "none";
type Place = bigint | typeof NONE;

/** A proof's formulas in order: one less the distance to the right order. */
export function proof(truth: string, reply: string): number {
  const right = truth.split(",").map(whole);
  const said = placesIn(reply);
  const longest = Math.max(said.length, right.length);
  return longest === 0 ? 0 : 1 - levenshtein(said, right) / longest;
}

function placesIn(reply: string): readonly Place[] {
  return (
    afterAnswer(reply) ??
    inBox(reply) ??
    some(lastLine(reply).toLowerCase().split(",").flatMap(inLine)) ??
    anywhere(reply)
  );
}

/** A list of which something could be read. */
function some(list: readonly Place[]): readonly Place[] | undefined {
  return list.some((one) => one !== NONE) ? list : undefined;
}

function afterAnswer(reply: string): readonly Place[] | undefined {
  const lines = strip(reply.toLowerCase()).split("\n");
  const at = lines.findLastIndex((line) => line.includes("answer:"));
  if (at < 0) return undefined;
  const bare = (text: string) => strip(without(text, "answer:", "**", "."));
  let said = bare(lines[at]!.split("answer:")[1]!);
  if (said === "" && at < lines.length - 1) said = bare(lines[at + 1]!);
  return some(
    said
      .split(",")
      .map((part) => place(without(strip(part).split(" ").at(-1)!, "$", "{", "}", "\\", "boxed", "<", ">"))),
  );
}

function inBox(reply: string): readonly Place[] | undefined {
  if (!reply.includes("\\boxed")) return undefined;
  const box = lastBox(reply);
  const said = without(box === undefined ? reply : unboxed(box), "\\text{", "}", "\\");
  return some(strip(said).split(",").map(place));
}

function inLine(part: string): Place[] {
  const digits = strip(digitsIn(part).digits);
  return digits === "" ? [] : [place(digits)];
}

/** The numbers behind the last "answer:", up to the first of them that has something else with it. */
function anywhere(reply: string): readonly Place[] {
  const places: Place[] = [];
  for (const [i, part] of reply.toLowerCase().split("answer:").at(-1)!.split(",").entries()) {
    const { digits, more } = digitsIn(strip(part));
    if (digits !== "" && digits !== "₂") places.push(whole(digits));
    if (i > 0 && more) break;
  }
  return places;
}

/** What `str.isdigit` says yes to: decimal digits, and those that stand high, low or in circles. */
const DIGIT =
  /[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]+/u;

/** The first run of digits; whether there is more than it. */
function digitsIn(text: string): { readonly digits: string; readonly more: boolean } {
  const digits = DIGIT.exec(text)?.[0] ?? "";
  return { digits, more: digits.length < text.length };
}

function place(text: string): Place {
  return readInt(text) ?? NONE;
}

function whole(text: string): bigint {
  const value = readInt(text);
  if (value === undefined) throw new Raised("no whole number");
  return value;
}
