/** BFCL as a grader: right where the calls are, by their tree. */
import type { Grade, Grader } from "../grader.ts";
import { repr } from "../python/unparse.ts";
import { wrongCalls } from "./check.ts";
import { callsSomething, type CallStyle, decodeCalls } from "./decode.ts";
import type { BfclTask } from "./task.ts";

/** Characters past which a reply is not read on. */
const MOST = 10_000_000;

export interface BfclOptions {
  /** How the model was asked to call: by its own tags, or in Python's syntax. */
  readonly style?: CallStyle;
  /** Whether it was given names with _ for dots, as API models are. */
  readonly underscores?: boolean;
}

/** A grader of replies in one style; of tags unless told. */
export function bfclGrader({ style = "tools", underscores = false }: BfclOptions = {}): Grader<BfclTask> {
  return {
    name: "bfcl",
    grade: (task, reply) => Promise.resolve(gradeCalls(task, reply.slice(0, MOST), style, underscores)),
    close: () => Promise.resolve(),
  };
}

/** The grade of a reply. */
export function gradeCalls(task: BfclTask, reply: string, style: CallStyle, underscores: boolean): Grade {
  const decoded = decodeCalls(reply, style);
  const extracted = "failed" in decoded ? "" : decoded.map(repr).join(", ");
  if (task.category.endsWith("relevance")) {
    const calls = callsSomething(decoded);
    const right = calls !== task.category.endsWith("irrelevance");
    return { right, extracted, reason: calls ? "A function is called." : "No function is called." };
  }
  if ("failed" in decoded) return { right: false, extracted, reason: `No calls can be read: ${decoded.failed}` };
  const why = wrongCalls(decoded, task.answers, task.category, { ...task, underscores });
  return {
    right: why === undefined,
    extracted,
    reason: why === undefined ? "The calls are right." : `Not right: ${why}.`,
  };
}
