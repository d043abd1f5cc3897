/** The text half of the model that `-m` names: its tokenizer and its chat template, without its weights. */
import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { EMBEDDED } from "../files/embedded.ts";
import type { SpecialTokens } from "../files/special-tokens.ts";
import { openText } from "../files/text-files.ts";
import { noTemplate, noTokenizer } from "../library/missing.ts";
import { Tokenizer } from "../text/tokenizer.ts";

/** Options of commands that need no weights. */
export interface TextOptions {
  readonly model?: string;
}

export function withTextOptions(command: Command): Command {
  return command
    .option(
      "-m, --model <model>",
      "a Hugging Face folder, a .gguf file, or a hub id on disk (default: the embedded model)",
    )
    .option("--quiet", "no remarks on stderr")
    .option("--verbose", "say more on stderr, and show where an error arose");
}

/** Throws as `openText` and Tokenizer, and FormatError E_TOK_VOCAB where the model has no tokenizer. */
export function openTokenizer({ model = EMBEDDED }: TextOptions): Tokenizer {
  const { vocabulary, path } = openText(model);
  if (vocabulary === undefined) throw noTokenizer(path);
  return new Tokenizer(vocabulary, path);
}

/** A template's text, and the tokens it knows by name. */
export interface ChatTemplate {
  readonly template: string;
  readonly specialTokens: SpecialTokens;
  /** The model's folder or file. */
  readonly path: string;
}

/** Throws as `openText`, and FormatError E_TPL_UNKNOWN where the model has no chat template. */
export function openTemplate({ model = EMBEDDED }: TextOptions): ChatTemplate {
  const { template, path, specialTokens } = openText(model);
  if (template === undefined) throw noTemplate(path);
  return { template, specialTokens, path };
}

/** Throws UsageError E_ARG_INPUT unless there is an argument or `--lines`, and not both. */
export function checkOne(command: string, name: string, argument: string | undefined, lines: string | undefined): void {
  if ((argument === undefined) !== (lines === undefined)) return;
  throw new UsageError("E_ARG_INPUT", command, {
    expected: `${name} or --lines FILE`,
    actual: lines === undefined ? "neither" : "both",
    hint: `See qwq ${command} --help.`,
  });
}
