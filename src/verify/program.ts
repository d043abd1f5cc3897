/** A program in a reply: what is given to the code execution server, and what its verdict means. */
import { answerOf } from "./answer.ts";
import type { CallTest, RunRequest, Verdict as RunVerdict } from "./server/protocol.ts";
import { no, RIGHT, type Verdict } from "./verdict.ts";

/** A function that is asked for. */
export interface ProgramCheck {
  readonly language: "javascript";
  /** Its name. */
  readonly entry: string;
  readonly tests: readonly CallTest[];
}

const BLOCK = /^```[a-z]*[^\S\n]*\n([^]*?)^```[^\S\n]*$/gm;

/** What the server is asked: the answer's only block of code, or all of the answer; or why there is no program in it. */
export function programOf(reply: string, { language, entry, tests }: ProgramCheck): RunRequest | Verdict {
  const found = answerOf(reply);
  if (!("answer" in found)) return found;
  const blocks = [...found.answer.matchAll(BLOCK)].map((block) => block[1]!);
  if (blocks.length > 1) return no("several", `There are ${blocks.length} blocks of code.`);
  if (blocks.length === 0 && found.answer.includes("```")) return no("malformed", "The block of code does not end.");
  const source = blocks[0] ?? found.answer;
  if (!source.includes(entry)) return no("none", `There is no ${entry} in the answer.`);
  return { language, source, entry, tests, stopAtFirst: true };
}

/** The server's verdict as a verifier's. */
export function ofRun({ status, passed, tests, reason }: RunVerdict): Verdict {
  if (status === "passed") return RIGHT;
  const why = reason === undefined ? "" : `: ${reason.slice(0, 80)}`;
  return no("wrong", `${passed} of ${tests.length} tests passed, then ${status}${why}.`);
}
