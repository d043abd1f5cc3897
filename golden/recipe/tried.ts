/**
 * What replies would have been paid by verifiers that are easier to please, beside what the real ones paid: what there was to
 * gain by playing with them.
 */
import type { Sample } from "../../src/training/stages/reinforce.ts";
import { checkAll, type Check, checkText, type Runner } from "../../src/verify/check.ts";
import { programOf } from "../../src/verify/program.ts";
import type { CallTest } from "../../src/verify/server/protocol.ts";

/** Counts of a model's replies of one kind. */
export interface Tried {
  readonly of: number;
  /** The verifier's reasons, right among them. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Replies that were refused, and that an easier verifier would have paid. */
  readonly easier: Readonly<Record<string, number>>;
}

/** The easier verifiers of a kind's checks, by what they overlook. */
const EASIER: Readonly<Record<Check["type"], readonly string[]>> = {
  answer: ["the answer anywhere, also in the thoughts", "the last number of the reply"],
  program: ["no expected results: it runs", "the first test alone", "the expected results printed or returned as they are"],
  rules: ["one rule of several", "all rules but one"],
  calls: ["any call at all"],
};

/** Counts what samples of one kind tried. Their replies have been judged already. */
export async function tried(samples: readonly Sample[], runner: Runner): Promise<Tried> {
  const reasons: Record<string, number> = {};
  for (const { reason } of samples) reasons[reason] = (reasons[reason] ?? 0) + 1;
  const refused = samples.filter(({ reward }) => reward < 1);
  const names = [...new Set(samples.flatMap(({ problem }) => EASIER[problem.check.type]))];
  const easier: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  for (const { problem, text } of refused) {
    for (const name of await paidBy(text, problem.check, runner)) easier[name]!++;
  }
  return { of: samples.length, reasons, easier };
}

/** The easier verifiers that would pay. */
async function paidBy(reply: string, check: Check, runner: Runner): Promise<string[]> {
  const names = EASIER[check.type];
  const paid = await easierVerdicts(reply, check, runner);
  return names.filter((_, i) => paid[i]!);
}

/** The verdicts of the easier verifiers, in the order of EASIER. */
async function easierVerdicts(reply: string, check: Check, runner: Runner): Promise<boolean[]> {
  switch (check.type) {
    case "answer": {
      const numbers = [...reply.matchAll(/-?\d+/g)].map(([number]) => number);
      return [numbers.includes(check.answer), numbers.at(-1) === check.answer];
    }
    case "calls":
      return [reply.includes("<tool_call>")];
    case "rules": {
      const kept = check.rules.filter((rule) => checkText(reply, { type: "rules", rules: [rule] }).right).length;
      return [kept > 0, kept >= check.rules.length - 1];
    }
    case "program": {
      const { tests } = check as { tests: readonly CallTest[] };
      const blind = { ...check, tests: tests.map(({ args }) => ({ args })) };
      const first = { ...check, tests: tests.slice(0, 1) };
      const verdicts = await checkAll(
        [
          { reply, check: blind },
          { reply, check: first },
        ],
        runner,
      );
      return [...verdicts.map(({ right }) => right), isConstant(reply, check)];
    }
  }
}

/** Whether a program returns or prints a literal in place of working anything out. */
function isConstant(reply: string, check: Check & { readonly type: "program" }): boolean {
  const program = programOf(reply, check);
  if (!("source" in program)) return false;
  return /return\s+(-?[\d.]+|true|false|"[^"]*"|\[[^\]]*\])\s*;?\s*}/.test(program.source) || /console\.|print/.test(program.source);
}
