/** `qwq eval`: a benchmark, on the model in this process or on a server. */
import { Command, InvalidArgumentError } from "commander";
import { type Drawing, QWQ_DRAWING, type Responder } from "../ask/responder.ts";
import { benchOf, NAMES } from "../eval/benches.ts";
import type { Price } from "../eval/estimate.ts";
import { gradeFile, type Plan, problemsFor, Run } from "../eval/run.ts";
import { EVAL_HELP } from "./eval-help.ts";
import { sayEstimate, sayLeftOut, sayReport, speedOf } from "./eval-text.ts";
import { checkSampling, QWQ_DEFAULTS } from "../generate/sampling.ts";
import { decimal, integer, type ModelOptions, type SamplingOptions, withModelOptions } from "./options.ts";
import { responder, type ServerOptions, withServerOptions } from "./responder.ts";
import { type Interrupt, onInterrupt } from "./signals.ts";
import { note, progress } from "./terminal.ts";

interface EvalOptions extends ModelOptions, ServerOptions, Omit<SamplingOptions, "seed" | "onLoop" | "speculate"> {
  readonly out?: string;
  readonly data?: string;
  readonly samples: number;
  readonly limit?: number;
  readonly seed: number;
  readonly perMinute?: number;
  readonly price?: Price;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly grade?: string;
  readonly json?: boolean;
}

export function evaluate(): Command {
  const command = new Command("eval")
    .description("Measures a model by a benchmark: here, or on a server that speaks OpenAI's API.")
    .argument("<bench>", `${NAMES.join(", ")}, or a .jsonl file of one's own`)
    .option("--out <folder>", "where the run lies (default: eval-BENCH; with --grade, a page to write)")
    .option("--data <where>", "the benchmark's data: a file, a folder that holds it, or a URL")
    .option("--samples <n>", "replies to each problem", integer(1, 1024), 1)
    .option("--limit <n>", "the first n problems alone", integer(1))
    .option("--resume", "go on with the run that lies in the folder")
    .option("--dry-run", "say what would be asked and what it may cost, and stop")
    .option("--grade <file>", "grade the replies recorded in this file, and ask nothing")
    .option("--per-minute <n>", "ask at most so often", integer(1))
    .option("--price <prompt,reply>", "prices of a million tokens, for the estimate: 0.15,0.6", price)
    .option("--json", "the report as JSON");
  return withServerOptions(withModelOptions(command))
    .option("--max-tokens <n>", "new tokens of a reply at most", integer(1), QWQ_DRAWING.maxTokens)
    .option("--think-tokens <n>", "end the thoughts of a local model after so many tokens", integer(0))
    .option("--temperature <x>", "how freely tokens are drawn", decimal, QWQ_DRAWING.temperature)
    .option("--top-k <n>", "among the k likeliest", integer(0), QWQ_DRAWING.topK)
    .option("--top-p <x>", "among the likeliest that together have this probability", decimal, QWQ_DRAWING.topP)
    .option("--min-p <x>", "among those at least so likely as this share of the likeliest", decimal, QWQ_DRAWING.minP)
    .option("--repetition-penalty <x>", "default: none", decimal)
    .option("--greedy", "temperature 0; QwQ's authors warn that it leads to endless repetition")
    .option("--seed <n>", "from which the seed of each sample is drawn", integer(0, 2 ** 31 - 1), 0)
    .addHelpText("after", EVAL_HELP)
    .action(act);
}

function price(text: string): Price {
  const [prompt, reply, ...more] = text.split(",");
  const prices = [prompt, reply].map((part) => (/^\d*\.?\d+$/.test(part ?? "") ? Number(part) : NaN));
  if (more.length === 0 && prices.every(Number.isFinite)) return { prompt: prices[0]!, reply: prices[1]! };
  throw new InvalidArgumentError(`Expected two prices such as 0.15,0.6, got "${text}".`);
}

async function act(name: string, options: EvalOptions): Promise<void> {
  const bench = benchOf(name);
  const { data, limit, samples, seed, grade, out, quiet, json } = options;
  if (grade !== undefined) {
    const bar = progress("grading", "replies", quiet === true);
    return sayReport(await gradeFile(grade, { bench, data, limit, out }, bar.of).finally(bar.stop), json, out);
  }
  const plan: Plan = { bench, data, limit, samples, drawing: drawingOf(options), seed };
  const interrupt = onInterrupt("within");
  try {
    const problems = await problemsFor(plan, interrupt.signal);
    if (quiet !== true) sayLeftOut(problems.leftOut);
    if (options.dryRun) return sayEstimate(Run.planned(plan, problems, options.price), json);
    const who = await responder(options, { thinkTokens: options.thinkTokens, onLoop: "stop" }, interrupt.signal);
    const folder = out ?? `eval-${bench.name}`;
    try {
      const run = Run.open(plan, problems, who.name, options.server ?? "here", folder, options.resume === true);
      await carryOut(run, who, options, interrupt).finally(() => run.close());
    } finally {
      await who.close();
    }
  } finally {
    interrupt.done();
  }
}

/** QwQ's settings, and what was told. Throws UsageError E_ARG_SAMPLING. A penalty of 1 and a least probability of 0 are not sent: not every server knows them. */
function drawingOf(o: EvalOptions): Drawing {
  const { maxTokens, topK, topP, minP, repetitionPenalty } = o;
  const temperature = o.greedy ? 0 : o.temperature;
  const told = { temperature, topK, topP, minP, repetitionPenalty };
  checkSampling({ ...QWQ_DEFAULTS, ...Object.fromEntries(Object.entries(told).filter(([, x]) => x !== undefined)) });
  return { temperature, topK, topP, minP: o.minP || undefined, repetitionPenalty, maxTokens };
}

async function carryOut(run: Run, who: Responder, options: EvalOptions, interrupt: Interrupt): Promise<void> {
  const { quiet, json } = options;
  const { signal } = interrupt;
  const estimated = run.estimate(options.price, who.context);
  if (!quiet && estimated.replies > 0) {
    sayEstimate(estimated, false, await speedOf(who, signal));
  }
  const bar = progress("asking", "replies", quiet === true);
  const onSample = (_: unknown, done: number, of: number) => bar.of(done, of);
  const complete = await run.ask(who, { perMinute: options.perMinute, signal, onSample }).finally(bar.stop);
  if (!complete) {
    note(`Interrupted: ${run.store.folder} holds what was answered; the same command with --resume goes on.`);
    process.exitCode = interrupt.exitCode();
    return;
  }
  const grading = progress("grading", "replies", quiet === true);
  sayReport(await run.report(grading.of).finally(grading.stop), json, run.store.folder);
}
