/** `qwq train`: the recipe in miniature, from nothing to a model that thinks before it answers. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { writeAtomically } from "../files/output.ts";
import { curves } from "../training/curves.ts";
import { type Entry, LOG, readLog } from "../training/log.ts";
import { runRecipe, WHOLE } from "../training/recipe.ts";
import { DEFAULTS, readSettings, type Settings } from "../training/settings.ts";
import { type StageName, STAGES } from "../training/stages/plan.ts";
import { readText } from "./input.ts";
import { integer, seed } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { colour, note, print, printJson, progress } from "./terminal.ts";
import { learnerOf, LEARNERS, withJudge } from "./train-parts.ts";
import { span } from "./units.ts";

const HELP = `
Stages, each of which begins where the one before it ended:
  tokenizer  a vocabulary, by byte-level BPE; the others make it too
  cold       a cold start: supervision on worked solutions, some wrong
  one        reinforcement by verifiers alone (GRPO)
  judge      a reward model, from generated pairs
  two        reinforcement by the reward model and verifiers
  all        these four
  more       more supervision: another round, or a control for one
  reject     a control for one: rejection sampling

OUT then holds settings.json, checkpoint.safetensors, log.jsonl, curves.svg, and
of each stage that is done its model, as a Hugging Face folder. The same
settings and seed make the same bits on any number of threads. Ctrl-C puts the
training aside; --resume goes on with it.

Examples:
  qwq train all --out run --config settings.json --seed 1
  qwq train cold --out small --steps 200
  qwq train one --out rl --from run/cold --seed 2
  qwq train one --out rl --from run/cold --seed 2 --resume`;

interface Options {
  readonly out: string;
  readonly config?: string;
  readonly from?: string;
  readonly seed?: bigint;
  readonly steps?: number;
  readonly threads?: number;
  readonly learner: string;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function train(): Command {
  return new Command("train")
    .description("Trains a small reasoner by QwQ's recipe: cold start, then reinforcement in two stages.")
    .argument("<stage>", `tokenizer, ${STAGES.join(", ")}, or all`)
    .requiredOption("--out <folder>", "where the training lies")
    .option("--config <file>", "settings as JSON; what it does not say is as by default")
    .option("--from <model>", "begin in this model (default: the one that the stage before left in OUT)")
    .option("--seed <n>", "start of the random generators: 0 to 2^64 - 1 (default: 1)", seed)
    .option("--steps <n>", "so many steps in each stage, in place of the settings'", integer(1))
    .option("--threads <n>", "threads (default: one a core)", integer(1, 64))
    .option("--learner <name>", `who computes: ${LEARNERS.join(" or ")}`, "kernels")
    .option("--resume", "go on with the training that lies there")
    .option("--json", "the log's lines as they come, on stdout")
    .option("--quiet", "no progress and no remarks on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(name: string, options: Options): Promise<void> {
  const stages = stagesOf(name);
  const settings = withSteps(await settingsOf(options.config), stages, options.steps);
  const makeLearner = learnerOf(options.learner, options.threads ?? availableParallelism());
  const interrupt = onInterrupt();
  const teller = new Teller(options);
  try {
    const complete = await withJudge(settings, (judge) =>
      runRecipe({
        ...options,
        seed: options.seed ?? 1n,
        folder: options.out,
        settings,
        stages,
        resume: options.resume === true,
        makeLearner,
        judge,
        signal: interrupt.signal,
        onEntry: (entry) => teller.say(entry),
      }),
    );
    if (stages.length > 0) draw(options.out);
    if (complete) return;
    teller.stop();
    note(`Interrupted. ${options.out} holds the training; the same command with --resume goes on.`);
    process.exitCode = interrupt.exitCode();
  } finally {
    teller.stop();
    interrupt.done();
  }
}

/** Throws UsageError E_ARG_STAGE. */
function stagesOf(name: string): readonly StageName[] {
  if (name === "tokenizer") return [];
  if (name === "all") return WHOLE;
  const stage = STAGES.find((known) => known === name);
  if (stage !== undefined) return [stage];
  throw new UsageError("E_ARG_STAGE", "stage", {
    expected: `tokenizer, ${STAGES.join(", ")} or all`,
    actual: quote(name),
    hint: "See qwq train --help.",
  });
}

async function settingsOf(config: string | undefined): Promise<Settings> {
  return config === undefined ? DEFAULTS : readSettings(await readText(config), config);
}

function withSteps(settings: Settings, stages: readonly StageName[], steps: number | undefined): Settings {
  if (steps === undefined) return settings;
  const part = (name: StageName) => (name === "reject" ? "one" : name);
  const changed = stages.map((name) => [part(name), { ...settings[part(name)], steps }]);
  return { ...settings, ...Object.fromEntries(changed) } as Settings;
}

/** Draws the curves of the log that lies there. */
function draw(folder: string): void {
  const picture = curves(readLog(join(folder, LOG)));
  writeAtomically(join(folder, "curves.svg"), (write) => write(new TextEncoder().encode(picture)));
}

/** Seconds between two lines on stdout. */
const PACE = 10;

/** Says how it goes: a bar on a terminal, a line every so often, and a reply now and then. */
class Teller {
  private readonly options: Options;
  private readonly bars = new Map<string, ReturnType<typeof progress>>();
  private said = 0;
  /** The stage's first step that was told of here, and when. */
  private first = { stage: "", step: 0, at: 0 };

  constructor(options: Options) {
    this.options = options;
  }

  say(entry: Entry): void {
    const { stage, step, of } = entry;
    if (this.options.json) return printJson(entry);
    if (!this.bars.has(stage)) this.stop();
    const bar = this.bars.get(stage) ?? progress(stage, "steps", this.options.quiet === true);
    this.bars.set(stage, bar);
    bar.of(step, of);
    const now = performance.now() / 1000;
    if (this.first.stage !== stage) this.first = { stage, step, at: now };
    if (now - this.said < PACE && step !== of && step !== 1) return;
    this.said = now;
    print(`${stage} ${step}/${of}  ${numbers(entry)}${this.left(entry, now)}\n`);
    if (entry.sample !== undefined) print(colour.dim(shown(entry.sample)));
  }

  /** What is left of the stage, at the rate so far. */
  private left({ step, of }: Entry, now: number): string {
    const steps = step - this.first.step;
    return steps === 0 || step === of ? "" : `  left ${span(((now - this.first.at) / steps) * (of - step))}`;
  }

  stop(): void {
    for (const bar of this.bars.values()) bar.stop();
    this.bars.clear();
  }
}

/** The numbers that a person follows, in this order. */
const FOLLOWED = [
  "loss",
  "reward",
  "accuracy",
  "length",
  "ended",
  "held_sampled",
  "held_greedy",
  "rate",
  "norm",
  "seconds",
];

function numbers({ values }: Entry): string {
  return FOLLOWED.filter((name) => values[name] !== undefined)
    .map((name) => `${name.replace("_", " ")} ${values[name]!.toPrecision(3)}`)
    .join("  ");
}

function shown({ question, reply, reward }: NonNullable<Entry["sample"]>): string {
  return `  ${question}\n${reply.replace(/^/gm, "  | ")}\n  reward ${reward}\n`;
}
