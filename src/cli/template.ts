/** `qwq template`: a conversation to the prompt that the model reads. */
import { Command } from "commander";
import { inFile } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { conversationFromJson } from "../text/messages.ts";
import { isTemplates, renderChat } from "../text/template.ts";
import { about, inputName, readJsonFile, readJsonLines } from "./input.ts";
import { print, printLine } from "./terminal.ts";
import { openTemplate, type TextOptions, withTextOptions } from "./text.ts";

const HELP = `
FILE holds {"messages": [...], "tools"?: [...], "add_generation_prompt"?: true},
or the array of messages alone. No newline is added to the prompt.

Examples:
  echo '[{"role": "user", "content": "Hello"}]' | qwq template -
  qwq template -m Qwen/QwQ-32B conversation.json
  qwq template --lines conversations.jsonl`;

interface Options extends TextOptions {
  readonly lines?: boolean;
}

export function template(): Command {
  return withTextOptions(new Command("template"))
    .description("a conversation to the prompt that the model reads, byte for byte")
    .argument("<file>", 'a conversation as JSON; "-" is stdin')
    .option("--lines", "one conversation a line in, one JSON string a line out")
    .addHelpText("after", HELP)
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { template, specialTokens, path } = openTemplate(options);
  const render = (json: Json, where: string) =>
    about(where, async () => {
      const conversation = { ...conversationFromJson(json, where), specialTokens };
      return renderChat(template, conversation).catch((error: unknown) => {
        throw isTemplates(error) ? inFile(error, path) : error;
      });
    });
  if (!options.lines) return print(await render(await readJsonFile(file), inputName(file)));
  for await (const { json, where } of readJsonLines(file)) await printLine(JSON.stringify(await render(json, where)));
}
