/** `qwq chat`: a conversation. */
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import type { QwQ } from "../library/qwq.ts";
import type { Message } from "../text/messages.ts";
import { load } from "./load.ts";
import { type ModelOptions, type SamplingOptions, withModelOptions, withSamplingOptions } from "./options.ts";
import { samplingOf, show } from "./run.ts";
import { onInterrupt, withSignals } from "./signals.ts";
import { colour, note, print } from "./terminal.ts";

interface ChatOptions extends ModelOptions, SamplingOptions {
  readonly system?: string;
}

const EXAMPLES = `
Examples:
  qwq chat -m SmolLM2-135M-Instruct.Q4_1.gguf
  qwq chat -m Qwen/QwQ-32B --system "Answer in one sentence." --seed 1

A line is a turn. Ctrl-C stops an answer; once more, or Ctrl-D, leaves. Of
earlier answers the thoughts are left out, as the model's template does.`;

export function chat(): Command {
  const command = new Command("chat")
    .description("Holds a conversation, line by line.")
    .option("--system <text>", "a system message at its beginning")
    .addHelpText("after", EXAMPLES);
  return withSamplingOptions(withModelOptions(command)).action(act);
}

async function act(options: ChatOptions): Promise<void> {
  const qwq = await load(options);
  const terminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: terminal ? process.stdout : undefined, terminal });
  lines.setPrompt(colour.bold("> "));
  const messages: Message[] = options.system === undefined ? [] : [{ role: "system", content: options.system }];
  const memory = qwq.remember();
  lines.on("SIGINT", () => lines.close());
  if (terminal) lines.prompt();
  for await (const line of lines) {
    if (line.trim() !== "") {
      messages.push({ role: "user", content: line });
      lines.pause();
      const stdin = terminal ? process.stdin : undefined;
      messages.push(await withSignals(stdin, () => answer(qwq, messages, memory, options)));
      lines.resume();
    }
    if (terminal) lines.prompt();
  }
  if (terminal) print("\n");
  qwq.close();
}

/** Answers the last turn; Ctrl-C ends the answer, and what there is of it stays in the conversation. */
async function answer(
  qwq: QwQ,
  messages: readonly Message[],
  memory: ReturnType<QwQ["remember"]>,
  options: ChatOptions,
): Promise<Message> {
  const interrupt = onInterrupt("within");
  try {
    const ask = { ...samplingOf(options), memory, signal: interrupt.signal };
    const { answer, reason } = await show(qwq.generate(messages, ask), options);
    if (reason === "interrupted") note("(stopped; Ctrl-C again leaves)");
    return { role: "assistant", content: answer };
  } finally {
    interrupt.done();
  }
}
