/** `qwq tokenize`: text to token ids. */
import { Command } from "commander";
import { as } from "../json/fields.ts";
import { readJsonLines, readText } from "./input.ts";
import { printLine } from "./terminal.ts";
import { checkOne, openTokenizer, type TextOptions, withTextOptions } from "./text.ts";

const EXAMPLES = `
Examples:
  qwq tokenize "Hello, world"
  qwq tokenize --no-special "a <|im_end|> that is text"
  printf '"one"\\n"two"\\n' | qwq tokenize --lines -
  qwq tokenize -m Qwen/QwQ-32B - < chapter.txt`;

interface Options extends TextOptions {
  readonly special: boolean;
  readonly lines?: string;
}

export function tokenize(): Command {
  return withTextOptions(new Command("tokenize"))
    .description("text to token ids, as a JSON array")
    .argument("[text]", 'the text; "-" reads it from stdin')
    .option("--lines <file>", 'one JSON string a line in, one array a line out ("-" is stdin)')
    .option("--no-special", "contents of special tokens such as <|im_end|> are text like any other")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(text: string | undefined, options: Options): Promise<void> {
  const { special, lines } = options;
  checkOne("tokenize", "TEXT", text, lines);
  const tokenizer = openTokenizer(options);
  const print = (piece: string) => printLine(`[${tokenizer.encode(piece, { special }).join(",")}]`);
  if (text !== undefined) return print(text === "-" ? await readText("-") : text);
  for await (const { json, where } of readJsonLines(lines!)) await print(as(json, "string", "", where));
}
