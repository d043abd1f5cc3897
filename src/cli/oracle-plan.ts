/** `qwq oracle plan`: what a recording will take, before it is made. */
import { totalmem } from "node:os";
import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { measureRate } from "../oracle/numbers/rate.ts";
import { noiseOf, planRecording, type RecordingPlan } from "../oracle/plan.ts";
import { type Tier, TIERS } from "../oracle/select.ts";
import { readIds } from "./input.ts";
import { integer } from "./options.ts";
import { opened } from "./plan.ts";
import { print, printJson } from "./terminal.ts";
import { openTokenizer } from "./text.ts";
import { byteSize, grouped } from "./units.ts";

const HELP = `
The same options as qwq oracle record. Of a model that is not on disk its
config.json is enough (qwq-32b needs no file at all); weights then count as
bfloat16. Seconds are those of this computer, measured on a small product for a
fifth of a second; what a disk adds is not in them.

Examples:
  qwq oracle plan -m qwq-32b --tokens 16 --tier sketch
  qwq oracle plan -m Qwen/QwQ-32B --ids ids.json --layers 40
  qwq oracle plan --prompt "Hello" --noise all --json`;

const NOISE = ["all", "usual", "none"] as const;

interface Options {
  readonly model?: string;
  readonly ids?: string;
  readonly prompt?: string;
  readonly tokens?: number;
  readonly tier: Tier;
  readonly layers?: string;
  readonly taps?: string;
  readonly noise: (typeof NOISE)[number];
  readonly json?: boolean;
}

export function plan(): Command {
  return new Command("plan")
    .description("what a recording takes, before it is made: taps, bytes, memory, reads, time")
    .option("-m, --model <model>", "a model, on disk or not, or qwq-32b (default: the embedded model)")
    .option("--ids <file>", 'a JSON array of token ids; "-" is stdin')
    .option("--prompt <text>", "text in place of ids")
    .option("--tokens <n>", "so many tokens, whatever they are", integer(1))
    .addOption(new Option("--tier <tier>", "how much is kept").choices([...TIERS]).default("full"))
    .option("--layers <list>", "only these layers: 0,31,63 or 0-3")
    .option("--taps <list>", "only these taps: qr,kr of each layer, 0.qr, logits")
    .addOption(new Option("--noise <which>", "what noise is measured with it").choices([...NOISE]).default("none"))
    .option("--json", "one JSON object")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(options: Options): Promise<void> {
  const tokens = await tokensOf(options);
  const { config, tensors, kind } = opened(options.model ?? EMBEDDED);
  const bytesOf = tensors === undefined ? undefined : (name: string) => tensors.get(name)?.bytes;
  const { policies, local } = noiseOf(options.noise);
  const found = planRecording(config, { ...options, tokens, policies, local, naming: kind, bytesOf });
  const seconds = found.products / measureRate(tokens);
  if (options.json) printJson({ ...found, seconds, machine: totalmem() });
  else print(planText(found, seconds));
}

/** How many tokens the prompt has. */
async function tokensOf({ ids, prompt, tokens, model }: Options): Promise<number> {
  const given = [ids, prompt, tokens].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new UsageError("E_ARG_INPUT", "oracle plan", {
      expected: "--ids FILE, --prompt TEXT or --tokens N",
      actual: given.length === 0 ? "none of them" : "several",
      hint: "See qwq oracle plan --help.",
    });
  }
  if (tokens !== undefined) return tokens;
  if (ids !== undefined) return (await readIds(ids)).length;
  return openTokenizer(model === undefined ? {} : { model }).encode(prompt!).length;
}

function planText({ taps, tokens, tier, layers, ...plan }: RecordingPlan, seconds: number): string {
  const { bundle, noise, weights, memory } = plan;
  const fits = memory.total <= totalmem() ? "" : `, more than this computer's ${byteSize(totalmem())}`;
  return `${[
    `record   ${taps.length} taps of ${grouped(tokens)} tokens, tier ${tier}`,
    `bundle   ${byteSize(bundle.total)}: values ${byteSize(bundle.values)}, headers ${byteSize(bundle.headers)}, noise ${byteSize(bundle.noise)}`,
    `noise    ${noise.policies.length === 0 ? "not measured" : `${noise.policies.join(", ")}: ${noise.runs} runs more`}`,
    `weights  ${byteSize(weights.needed)} for ${plan.runLayers} of ${layers} layers, ${byteSize(weights.read)} read in all`,
    `memory   at most ${byteSize(memory.total)}: taps ${byteSize(memory.taps)}, activations ${byteSize(memory.activations)}${fits}`,
    `time     about ${duration(seconds)} of computing: ${plan.products.toExponential(1)} products`,
    `replay   of one layer reads ${byteSize(weights.layer)} of weights`,
  ].join("\n")}\n`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toPrecision(1) : Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
