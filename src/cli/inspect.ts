/** `qwq inspect`: what a model's files hold, and whether they are whole. */
import { Command } from "commander";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { inspectCheckpoint, inspectWeights, type WeightReport } from "./inspection.ts";
import { inspectionText } from "./inspection-text.ts";
import { strictly } from "./strict.ts";
import { print, printJson, progress } from "./terminal.ts";

const HELP = `
Ends with 65 where something is wrong; with --weights also for weights that are
not finite, with --strict also for what it warns of.

Examples:
  qwq inspect Qwen/QwQ-32B
  qwq inspect --weights SmolLM2-135M-Instruct.Q4_1.gguf
  qwq inspect --json model | jq '.tensors[] | select(.dtype == "F32") | .name'`;

interface Options {
  readonly json?: boolean;
  readonly weights?: boolean;
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

export function inspect(): Command {
  return new Command("inspect")
    .description("what a model's files hold, and whether they are whole")
    .argument("<path>", "a Hugging Face folder, a .gguf file, or a hub id on disk")
    .option("--json", "one object, with every tensor")
    .option("--weights", "read the weights too: NaN, infinities and rows of zeros")
    .option("--strict", "warnings are errors")
    .option("--quiet", "no progress on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const checkpoint = openCheckpoint(path);
  try {
    await report(checkpoint, options);
  } finally {
    checkpoint.close();
  }
}

async function report(checkpoint: Checkpoint, { json, weights, quiet, strict }: Options): Promise<void> {
  const found = inspectCheckpoint(checkpoint);
  const bar = progress("reading the weights", "bytes", quiet === true);
  const scanned = weights === true ? await inspectWeights(checkpoint, bar.of).finally(bar.stop) : undefined;
  const warnings = [...found.warnings, ...(scanned?.suspicions ?? [])];
  if (json) printJson({ ...found, warnings, weights: scanned && asJson(scanned) });
  else print(inspectionText({ ...found, warnings, ...(scanned === undefined ? {} : { weights: scanned }) }));
  const bad = scanned?.damaged[0];
  if (bad !== undefined) throw bad;
  if (strict) strictly(checkpoint.path, warnings);
}

/** JSON has no NaN and no infinity, so their names stand for them. */
function asJson({ largest, nonfinite, zeroRows, damaged }: WeightReport) {
  return {
    largest,
    nonfinite: nonfinite.map((found) => ({ ...found, value: String(found.value) })),
    zeroRows,
    damaged: damaged.map(({ code, message }) => ({ code, message })),
  };
}
