/** `qwq oracle lint`: what is wrong with a model's files, without its weights. */
import { Command, Option } from "commander";
import { verdictOf } from "../oracle/checks.ts";
import { printableChecks } from "../oracle/formats/index.ts";
import { FAMILIES, lint as lintModel, type LintOptions } from "../oracle/lint/lint.ts";
import { checkForms, output, type OutputOptions, verdictExit, withOutputOptions } from "./oracle-output.ts";
import { VERSION } from "./version.ts";

const HELP = `
PATH is a folder, a .gguf file, a config.json, or a GGUF file's metadata as JSON
(gguf-dump --json). QwQ-32B is known by its name or shape and held against what
its authors published; any other model against what its architecture needs, or
against the reference that -m names. Exit code 1 if a check fails.

Examples:
  qwq oracle lint model-q4_k_m.gguf
  qwq oracle lint config.json --as qwq-32b
  qwq oracle lint my-engine/export -m Qwen/QwQ-32B --format text,sarif --out out`;

interface Options extends OutputOptions, Pick<LintOptions, "as"> {
  readonly model?: string;
}

export function lint(): Command {
  const command = new Command("lint")
    .description("configuration, tokenizer, template and sampling defaults, without weights")
    .argument("<path>", "a folder, a .gguf file, config.json, or metadata as JSON")
    .option("-m, --model <model>", "hold it against this model's files")
    .addOption(new Option("--as <model>", "which model it is held against").choices([...FAMILIES]).default("auto"))
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP);
  return withOutputOptions(command).action(act);
}

async function act(path: string, options: Options): Promise<void> {
  checkForms(undefined, options.format, options.out);
  const checks = await lintModel(path, { as: options.as, reference: options.model });
  output(printableChecks(checks, { version: VERSION, annotations: options.maxAnnotations }), options);
  process.exitCode = verdictExit(verdictOf(checks), options.failOn);
}
