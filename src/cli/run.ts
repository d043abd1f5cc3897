/** `qwq run`: one answer. */
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import type { Answer, AnswerEvent } from "../library/answer.ts";
import type { AskOptions, Prompt } from "../library/qwq.ts";
import { conversationFromJson, type Message } from "../text/messages.ts";
import { about, inputName, readIds, readJsonFile, readText } from "./input.ts";
import { load } from "./load.ts";
import { type ModelOptions, type SamplingOptions, withModelOptions, withSamplingOptions } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { colour, note, print, printJson, progress } from "./terminal.ts";
import { rate } from "./units.ts";

interface RunOptions extends ModelOptions, SamplingOptions {
  readonly raw?: boolean;
  readonly ids?: string;
  readonly system?: string;
  readonly messages?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  qwq run "Hello"
  qwq run -m SmolLM2-135M-Instruct.Q4_1.gguf --greedy "Why is the sky blue?"
  qwq run -m Qwen/QwQ-32B --seed 1 --max-tokens 2000 "How many r in strawberry?"
  echo "Once upon a time" | qwq run -m MODEL --raw --max-tokens 50 -
  qwq run --ids ids.json --json

QwQ's authors advise temperature 0.6, top-k 20 to 40 and top-p 0.95, and warn
against --greedy: it leads to endless repetition. What is not given here comes
from the model's generation_config.json, else from these settings.`;

/** Codes of errors that are the prompt's fault, and so say the file it came from. */
const OF_INPUT = ["E_ARG_TOKEN_ID", "E_MSG_SCHEMA", "E_TPL_RENDER"];

export function run(): Command {
  const command = new Command("run")
    .description("Answers a prompt, streamed: thoughts dimmed, then the answer.")
    .argument("[prompt...]", 'the prompt; "-" reads it from standard input')
    .option("--raw", "give the prompt to the model as it is, without the chat template")
    .option("--ids <file>", "a JSON array of token ids in place of text")
    .option("--system <text>", "a system message before the prompt")
    .option("--messages <file>", 'a conversation: {"messages": [...], "tools": [...]}')
    .option("--json", "one JSON object a line: each token, then the end")
    .addHelpText("after", EXAMPLES);
  return withSamplingOptions(withModelOptions(command)).action((words: string[], options: RunOptions) =>
    act(words, options),
  );
}

async function act(words: string[], options: RunOptions): Promise<void> {
  const { prompt, ...given } = await readPrompt(words, options);
  const qwq = await load(options);
  const interrupt = onInterrupt("within");
  const bar = progress("reading the prompt", "tokens", options.quiet === true || options.json === true);
  try {
    const ask: AskOptions = {
      ...samplingOf(options),
      ...given,
      raw: options.raw,
      signal: interrupt.signal,
      onPrompt: bar.of,
    };
    if (options.verbose) note(`${qwq.ops.name}, ${counted(qwq.ops.threads ?? 1, "thread")}, seed ${ask.seed}`);
    const answer = await about(
      inputName(options.ids ?? options.messages ?? "run"),
      () => show(qwq.generate(prompt, ask), options),
      OF_INPUT,
    );
    if (!qwq.hasTokenizer && !options.json) printJson(answer.ids);
    if (!options.quiet) sayEnd(answer, options.verbose === true);
    if (answer.reason === "interrupted") process.exitCode = interrupt.exitCode();
  } finally {
    bar.stop();
    interrupt.done();
    qwq.close();
  }
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** The sampling settings that were given, and a seed. */
export function samplingOf(o: SamplingOptions): Partial<AskOptions> {
  const given = {
    temperature: o.temperature,
    topK: o.topK,
    topP: o.topP,
    minP: o.minP,
    repetitionPenalty: o.repetitionPenalty,
    greedy: o.greedy,
  };
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const seed = o.seed ?? crypto.getRandomValues(new BigUint64Array(1))[0]!;
  const { maxTokens, thinkTokens, onLoop, speculate } = o;
  return { ...told, seed, maxTokens, thinkTokens, onLoop, speculate };
}

/** Prints events as they come; returns the end. */
export async function show(
  events: AsyncIterable<AnswerEvent>,
  options: { json?: boolean; quiet?: boolean },
): Promise<Answer> {
  let part: "thinking" | "answer" | undefined;
  let end: Answer | undefined;
  for await (const event of events) {
    if (event.type === "end") end = event;
    if (event.type === "loop" && !options.quiet) {
      const { period, repeats } = event.loop;
      note(`\nThe last ${period} tokens have come ${repeats} times in a row: endless repetition. Try another seed.`);
    }
    if (options.json) printEvent(event);
    else if (event.type === "thinking" || event.type === "answer") {
      if (part === "thinking" && event.type === "answer") print("\n\n");
      part = event.type;
      print(part === "thinking" ? colour.dim(event.text) : event.text);
    } else if (event.type === "tool_call") print(`\n${colour.cyan(`<tool_call>${event.call.raw}</tool_call>`)}`);
    else if (event.type === "end" && event.text !== "") print("\n");
  }
  return end!;
}

function printEvent(event: AnswerEvent): void {
  if (event.type === "token") printJson(event);
  if (event.type === "end") {
    const { type, ids, text, thinking, answer, toolCalls, reason, timings } = event;
    const calls = toolCalls.map(({ name, raw, error }) => ({ name, raw, error }));
    printJson({ type, ids, text, thinking, answer, toolCalls: calls, reason, timings });
  }
}

function sayEnd({ reason, timings }: Answer, verbose: boolean): void {
  const { promptTokens, promptSeconds, tokens, seconds, drafted, accepted } = timings;
  if (reason === "length") note(`Stopped after ${counted(tokens, "token")}; --max-tokens allows more.`);
  if (reason === "loop") note("Stopped because of the repetition.");
  if (!verbose) return;
  const speed = (n: number, s: number) => (s > 0 ? `${rate(n / s)} tokens/s` : "at once");
  if (drafted !== undefined) note(`drafted ${drafted} tokens, of which ${accepted} came`);
  note(
    `prompt ${promptTokens} tokens, ${speed(promptTokens, promptSeconds)}; reply ${tokens} tokens, ${speed(tokens, seconds)}`,
  );
}

async function readPrompt(
  words: string[],
  o: RunOptions,
): Promise<{ prompt: Prompt } & Pick<AskOptions, "system" | "tools">> {
  const sources = [words.length > 0, o.ids !== undefined, o.messages !== undefined].filter(Boolean).length;
  if (sources !== 1) {
    throw new UsageError("E_ARG_EMPTY", "run", {
      expected: "one of PROMPT, --ids and --messages",
      actual: sources === 0 ? "none" : "several",
      hint: 'For example: qwq run "Hello"',
    });
  }
  checkTogether(o);
  const { system } = o;
  if (o.ids !== undefined) return { prompt: await readIds(o.ids) };
  if (o.messages !== undefined) {
    const { messages, tools } = conversationFromJson(await readJsonFile(o.messages), inputName(o.messages));
    return { prompt: messages as readonly Message[], tools: tools ?? undefined, system };
  }
  const text = words.length === 1 && words[0] === "-" ? await readStandard(o.raw === true) : words.join(" ");
  if (text === "")
    throw new UsageError("E_ARG_EMPTY", "prompt", { expected: "text", actual: "none", hint: "Say something." });
  return { prompt: text, system };
}

/** Refuses an option that another makes void: nothing that is told may be passed over. Throws UsageError E_ARG_VOID. */
function checkTogether({ ids, raw, messages, system }: RunOptions): void {
  const untold = ids !== undefined ? "--ids" : raw === true ? "--raw" : undefined;
  const told = system !== undefined ? "--system" : messages !== undefined ? "--messages" : undefined;
  if (untold === undefined || told === undefined) return;
  throw new UsageError("E_ARG_VOID", told, {
    expected: "a prompt that the chat template makes",
    actual: `${untold}, which goes past the template`,
    hint: "Leave out one of the two.",
  });
}

/** Standard input; the newline that ends it belongs to the shell, unless the prompt is raw. */
async function readStandard(raw: boolean): Promise<string> {
  const text = await readText("-");
  return raw ? text : text.replace(/\r?\n$/, "");
}
