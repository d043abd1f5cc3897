/**
 * Accuracy against the limit on thoughts: the trained model on held-out sums, sampled as QwQ's authors advise, with
 * --think-tokens of 0, 4, 8 and on.
 *
 *   npm run bench:budget [MODEL]
 *
 * Writes kernels/bench/results/budget.json and docs/budget.svg.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, relative } from "node:path";
import { EMBEDDED } from "../../src/files/embedded.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { distinct } from "../../src/training/tasks/problems.ts";
import { checkAnswer } from "../../src/verify/answer.ts";
import { wasmBackend } from "../wasm/index.ts";
import { type Budget, budgetPicture, wilson } from "./budget-picture.ts";

const root = join(import.meta.dirname, "../..");
const PROBLEMS = 100;
const LIMITS = [0, 8, 16, 24, 32, 48, 64, 96];
const MOST = 400;

const path = process.argv[2] ?? EMBEDDED;
const ops = await wasmBackend({ threads: 1 }); // the model is small: a second thread would only wait
const qwq = await QwQ.load(path, { backend: ops, context: 1024 });
const problems = distinct("arithmetic", "test", 1, PROBLEMS);

async function measured(limit: number | undefined): Promise<Budget> {
  let [right, thoughts, cut, tokens, unfinished] = [0, 0, 0, 0, 0];
  for (const [i, { messages, answer: expected }] of problems.entries()) {
    const options = { seed: i, maxTokens: MOST, thinkTokens: limit, onLoop: "ignore" } as const;
    let forced = false;
    for await (const event of qwq.generate(messages, options)) {
      if (event.type === "token") forced ||= event.forced === true;
      if (event.type !== "end") continue;
      const { reason } = checkAnswer(event.text, expected);
      if (reason === "right") right++;
      if (reason === "unfinished") unfinished++;
      tokens += event.ids.length;
      thoughts += qwq.tokenizer.encode(event.thinking).length;
    }
    if (forced) cut++;
  }
  const each = problems.length;
  const [low, high] = wilson(right, each);
  const result = { limit, problems: each, right, low, high, cut, unfinished, tokens: tokens / each };
  process.stderr.write(`${limit ?? "none"}: ${right} of ${each} right, ${cut} cut\n`);
  return { ...result, thoughts: thoughts / each };
}

const budgets: Budget[] = [];
for (const limit of [...LIMITS, undefined]) budgets.push(await measured(limit));
const sampling = qwq.sampling();
qwq.close();
const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version };
const result = { machine, model: relative(root, path), task: "arithmetic, split test", sampling, budgets };
writeFileSync(join(root, "kernels/bench/results/budget.json"), `${JSON.stringify(result, undefined, 2)}\n`);
writeFileSync(join(root, "docs/budget.svg"), await budgetPicture(budgets));
