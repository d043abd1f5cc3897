/** `qwq detokenize`: token ids to text. */
import { Command } from "commander";
import { QwqError, UsageError } from "../errors.ts";
import { readJson } from "../json/json.ts";
import { quote } from "../json/quote.ts";
import { idsFromJson, readJsonFile, readJsonLines } from "./input.ts";
import { printLine } from "./terminal.ts";
import { checkOne, openTokenizer, type TextOptions, withTextOptions } from "./text.ts";

const HELP = `
The inverse of tokenize. Bytes that are not UTF-8 become U+FFFD; ids that no
token has give nothing.

Examples:
  qwq detokenize '[39,280,335]'
  qwq tokenize "Hello" | qwq detokenize -
  printf '[39,280]\\n[335]\\n' | qwq detokenize --lines -`;

interface Options extends TextOptions {
  readonly lines?: string;
}

export function detokenize(): Command {
  return withTextOptions(new Command("detokenize"))
    .description("token ids to text, as a JSON string")
    .argument("[ids]", 'a JSON array; "-" reads it from stdin')
    .option("--lines <file>", 'one array a line in, one JSON string a line out ("-" is stdin)')
    .addHelpText("after", HELP)
    .action(run);
}

async function run(ids: string | undefined, options: Options): Promise<void> {
  const { lines } = options;
  checkOne("detokenize", "IDS", ids, lines);
  const tokenizer = openTokenizer(options);
  const print = (array: readonly number[]) => printLine(JSON.stringify(tokenizer.decode(array)));
  if (ids === "-") return print(idsFromJson(await readJsonFile("-"), "stdin"));
  if (ids !== undefined) return print(idsFromArgument(ids));
  for await (const { json, where } of readJsonLines(lines!)) await print(idsFromJson(json, where));
}

/** Throws UsageError E_ARG_IDS. */
function idsFromArgument(text: string): number[] {
  try {
    return idsFromJson(readJson(text, "IDS"), "IDS");
  } catch (cause) {
    if (!(cause instanceof QwqError)) throw cause;
    throw new UsageError("E_ARG_IDS", "IDS", {
      expected: "a JSON array of token ids, such as [1,2,3]",
      actual: quote(text),
      hint: "Quote it, so that the shell leaves it alone.",
      cause,
    });
  }
}
