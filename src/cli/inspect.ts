/** `qwq inspect`: what a model's files hold, and whether they are whole. */
import { Command } from "commander";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { type NonFinite, nonFiniteError } from "../files/scan.ts";
import { inspectCheckpoint, inspectWeights } from "./inspection.ts";
import { inspectionText } from "./inspection-text.ts";
import { print, printJson, progress } from "./terminal.ts";

const HELP = `
Ends with 65 where something is wrong, with --weights also for weights that are
not finite.

Examples:
  qwq inspect Qwen/QwQ-32B
  qwq inspect --weights SmolLM2-135M-Instruct.Q4_1.gguf
  qwq inspect --json model | jq '.tensors[] | select(.dtype == "F32") | .name'`;

interface Options {
  readonly json?: boolean;
  readonly weights?: boolean;
  readonly quiet?: boolean;
}

export function inspect(): Command {
  return new Command("inspect")
    .description("what a model's files hold, and whether they are whole")
    .argument("<path>", "a Hugging Face folder, a .gguf file, or a hub id on disk")
    .option("--json", "one object, with every tensor")
    .option("--weights", "read the weights too: NaN, infinities and rows of zeros")
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

async function report(checkpoint: Checkpoint, { json, weights, quiet }: Options): Promise<void> {
  const found = inspectCheckpoint(checkpoint);
  const bar = progress("reading the weights", "bytes", quiet === true);
  const scanned = weights === true ? await inspectWeights(checkpoint, bar.of).finally(bar.stop) : undefined;
  if (json) printJson({ ...found, weights: scanned && { ...scanned, nonfinite: scanned.nonfinite.map(named) } });
  else print(inspectionText(scanned === undefined ? found : { ...found, weights: scanned }));
  const bad = scanned?.nonfinite[0];
  if (bad !== undefined) throw nonFiniteError(checkpoint.source, bad);
}

/** JSON has no NaN and no infinity, so their names stand for them. */
function named(found: NonFinite) {
  return { ...found, value: String(found.value) };
}
