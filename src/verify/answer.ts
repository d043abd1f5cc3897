/**
 * The answer verifier: whether a reply's final answer is the one expected.
 *
 * Where the answer is found, in what follows `</think>` alone:
 *
 *   1  what stands in \boxed{...}
 *   2  what follows "the answer is", "answer:", or the same in Chinese
 *   3  what follows the last "="
 *   4  the only number there is
 *
 * A verifier that pays is a verifier that is played with. Whoever names several answers, so that one of them is right, has
 * given none; nor has who answers in the thoughts alone, never ends them, ends them twice, or says nothing after them.
 */
import { parseReply } from "../text/reply.ts";
import { type Fraction, plain, readNumber, runs, same } from "./number.ts";
import { no, RIGHT, type Verdict } from "./verdict.ts";

const CLOSE = "</think>";
const BOX = "\\boxed{";
/** Characters beyond which an answer is not read. */
const LONGEST = 20_000;

/** A reply's answer: all that follows its thoughts, without white space at its ends; or why there is none. */
export function answerOf(reply: string): { readonly answer: string } | Verdict {
  if (!reply.includes(CLOSE)) return no("unfinished", "The thoughts never end.");
  const { answer } = parseReply(reply, { opened: true, toolCalls: false });
  const text = answer.trim();
  if (text === "") return no("empty", "Nothing follows the thoughts.");
  if (text.includes(CLOSE)) return no("malformed", "The thoughts end more than once.");
  if (text.length > LONGEST) return no("malformed", `The answer has more than ${LONGEST} characters.`);
  return { answer: text };
}

/** Whether the reply's answer is `expected`: as numbers if that is one, else as text. */
export function checkAnswer(reply: string, expected: string): Verdict {
  const found = answerOf(reply);
  if (!("answer" in found)) return found;
  const number = readNumber(expected);
  if (number === undefined) return checkText(found.answer, expected);
  return checkNumber(plain(found.answer), number, expected);
}

const SAID = /(?:\banswer|\bresult|答案|结果)(?:\s*(?:is|are|:|=|是|为|等于))+\s*/gi;

function checkNumber(answer: string, expected: Fraction, text: string): Verdict {
  const claims = claimed(answer);
  const values = claims.flatMap((claim) => (readNumber(claim) === undefined ? runs(claim) : [claim.trim()]));
  const read = values.map(readNumber);
  const first = read[0];
  if (values.length === 0) return no("none", "There is no number in the answer.");
  if (first === undefined || read.some((value) => value === undefined || !same(value, first))) {
    return no("several", `There is more than one answer: ${[...new Set(values)].slice(0, 5).join(", ")}.`);
  }
  return same(first, expected) ? RIGHT : no("wrong", `The answer is ${values[0]!.slice(0, 40)}, not ${text}.`);
}

/** The parts of an answer that say what it is: every number in them is meant. */
function claimed(answer: string): string[] {
  const boxes = boxed(answer);
  if (boxes.length > 0) return boxes;
  const said = [...answer.matchAll(SAID)];
  // The first claim and all that comes after it: who goes on to name another number has named two.
  if (said.length > 0)
    return said.map(({ index, 0: words }, i) => claim(answer.slice(index + words.length, said[i + 1]?.index)));
  return [claim(answer.slice(answer.lastIndexOf("=") + 1))];
}

/** "347 + 586 = 933" claims what follows its last "=". */
function claim(text: string): string {
  return text.slice(text.lastIndexOf("=") + 1);
}

/** What stands in each \boxed{...}, braces inside it matched and boxes in a box left to it; an open one ends with the text. */
export function boxed(text: string): string[] {
  const found: string[] = [];
  let end = 0;
  for (let at = text.indexOf(BOX); at >= 0; at = text.indexOf(BOX, end)) {
    const from = at + BOX.length;
    end = from;
    for (let depth = 1; end < text.length; end++) {
      depth += text[end] === "{" ? 1 : text[end] === "}" ? -1 : 0;
      if (depth === 0) break;
    }
    found.push(text.slice(from, end));
  }
  return found;
}

function checkText(answer: string, expected: string): Verdict {
  const boxes = boxed(answer);
  const said = [...answer.matchAll(SAID)].at(-1);
  const claims = boxes.length > 0 ? boxes : [said === undefined ? answer : answer.slice(said.index + said[0].length)];
  if (new Set(claims.map(bare)).size > 1) return no("several", "There is more than one answer.");
  return bare(claims[0]!) === bare(expected) ? RIGHT : no("wrong", `The answer is not ${expected.slice(0, 40)}.`);
}

/** Without case, marks at the ends and differences of white space. */
function bare(text: string): string {
  return plain(text)
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/^[\s"'*_`.,:;!?()]+|[\s"'*_`.,:;!?()\u3002\u3001]+$/g, "");
}
