/** What a reply is checked by: data, so that a problem can be written to a file with its check. */
import { UsageError } from "../errors.ts";
import { checkAnswer } from "./answer.ts";
import { checkCalls, type ExpectedCall, type ToolSchema } from "./calls.ts";
import { ofRun, type ProgramCheck, programOf } from "./program.ts";
import { checkRules, type Rule } from "./rules.ts";
import type { RunRequest, Verdict as RunVerdict } from "./server/protocol.ts";
import type { Verdict } from "./verdict.ts";

/** The answer, as a number where it is one. */
export interface AnswerCheck {
  readonly type: "answer";
  readonly answer: string;
}

/** Checks that need nothing but the reply. */
export type TextCheck =
  | AnswerCheck
  /** The answer keeps all rules. */
  | { readonly type: "rules"; readonly rules: readonly Rule[] }
  /** The reply calls these tools, and no others. */
  | { readonly type: "calls"; readonly calls: readonly ExpectedCall[]; readonly tools: readonly ToolSchema[] };

export type Check =
  | TextCheck
  /** The program in the answer passes the tests. The code execution server decides. */
  | ({ readonly type: "program" } & ProgramCheck);

/** The verdict on a reply: what follows the prompt's `<think>`, up to the end of the turn, which is left out. */
export function checkText(reply: string, check: TextCheck): Verdict {
  if (check.type === "answer") return checkAnswer(reply, check.answer);
  return check.type === "rules" ? checkRules(reply, check.rules) : checkCalls(reply, check.calls, check.tools);
}

/** Who runs programs: `CodeClient`. */
export interface Runner {
  runAll(requests: readonly RunRequest[]): Promise<readonly RunVerdict[]>;
}

/**
 * The verdicts on many replies, each with its check. Those with programs go to the server together, and a program that
 * several replies submit to the same tests is run once: of the replies to one problem most are one of a few programs.
 *
 * throws   as `CodeClient.run` does
 */
export async function checkAll(
  replies: readonly { readonly reply: string; readonly check: Check }[],
  runner?: Runner,
): Promise<Verdict[]> {
  const first = replies.map(({ reply, check }) =>
    check.type === "program" ? programOf(reply, check) : checkText(reply, check),
  );
  const requests = new Map(first.flatMap((one) => ("source" in one ? [[JSON.stringify(one), one] as const] : [])));
  if (requests.size === 0) return first as Verdict[];
  const ran = await (runner ?? missing()).runAll([...requests.values()]);
  const verdicts = new Map([...requests.keys()].map((request, i) => [request, ran[i]!]));
  return first.map((one) => ("source" in one ? ofRun(verdicts.get(JSON.stringify(one))!) : one));
}

function missing(): never {
  throw new UsageError("E_VERIFY_SERVER", "checkAll", {
    expected: "a code execution server, since there are programs to run",
    actual: "none",
    hint: "Start one: await CodeClient.start().",
  });
}
