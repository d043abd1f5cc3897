/** `qwq oracle weights`: an engine's converted weights beside the model's own. */
import { Command } from "commander";
import { EMBEDDED } from "../files/embedded.ts";
import { verdictOf } from "../oracle/checks.ts";
import { printableChecks } from "../oracle/formats/index.ts";
import { compareWeights } from "../oracle/weights/compare.ts";
import { checkForms, output, type OutputOptions, verdictExit, withOutputOptions } from "./oracle-output.ts";
import { checkInterrupt } from "./signals.ts";
import { progress } from "./terminal.ts";
import { VERSION } from "./version.ts";

const HELP = `
Each weight must be there, in its shape, with its values: the same, rounded to
nearest, or as far away as its number format takes it. Of one that is not it is
said how it differs: turned over, rows of heads permuted, another weight's,
moved or scaled, cut off, the head tied; else the first value. Tensors are read
a few rows at a time. Exit code 1 if one differs.

Examples:
  qwq oracle weights model-q8_0.gguf -m Qwen/QwQ-32B
  qwq oracle weights my-engine/export -m model --format junit --out out`;

interface Options extends OutputOptions {
  readonly model?: string;
  readonly quiet?: boolean;
}

export function weights(): Command {
  const command = new Command("weights")
    .description("an engine's converted weights beside the model's: names, shapes, values")
    .argument("<engine>", "a Hugging Face folder or a .gguf file, as the engine reads it")
    .option(
      "-m, --model <model>",
      "the model it was made from: a folder, a .gguf file, or a hub id on disk (default: the embedded model)",
    )
    .option("--quiet", "no remarks on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP);
  return withOutputOptions(command).action(act);
}

function act(engine: string, options: Options): void {
  checkForms(undefined, options.format, options.out);
  const bar = progress("comparing", "weights", options.quiet === true);
  try {
    const checks = compareWeights(engine, options.model ?? EMBEDDED, { onProgress: bar.of, onWork: checkInterrupt });
    bar.stop();
    output(printableChecks(checks, { version: VERSION, annotations: options.maxAnnotations }), options);
    process.exitCode = verdictExit(verdictOf(checks), options.failOn);
  } finally {
    bar.stop();
  }
}
