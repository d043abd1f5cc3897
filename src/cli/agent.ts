/** `qwq agent`: a task, with tools. */
import { Command, Option } from "commander";
import { type AgentEvent, type AgentLimits, type End, runAgent } from "../agent/agent.ts";
import { Toolbox } from "../agent/toolbox.ts";
import { callAgain, readTranscript } from "../agent/transcript.ts";
import type { Responder } from "../ask/responder.ts";
import { UsageError } from "../errors.ts";
import { Journal } from "../files/journal.ts";
import { type ToolOptions, TOOLS, toolsOf } from "./agent-tools.ts";
import { readText } from "./input.ts";
import { integer, type ModelOptions, type SamplingOptions, withModelOptions, withSamplingOptions } from "./options.ts";
import { responder, type ServerOptions, withServerOptions } from "./responder.ts";
import { type Interrupt, onInterrupt } from "./signals.ts";
import { colour, note, print, printJson } from "./terminal.ts";

interface AgentOptions extends ModelOptions, SamplingOptions, ServerOptions, ToolOptions {
  readonly system?: string;
  readonly steps: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly transcript?: string;
  readonly replay?: string;
  readonly again?: boolean;
  readonly json?: boolean;
}

const HELP = `
The model sees the tools' names and schemas, and calls them as QwQ does
(<tool_call>). Every call is checked by its schema before it is carried out;
what is wrong with it is told to the model, as is what comes of it. What tools
return is text: nothing in it can end its place in the prompt.

Who names no model gets the embedded toolcaller, which is small and was made for
the calculator.

Files are there with --folder, to be read; to be written with --write too. HTTP
is off unless hosts are named. Code runs on the code execution server, without
network and files; docs/code-server.md says how it is shut in.

Examples:
  qwq agent "Use the calculator: 48231 * 917"
  qwq agent -m Qwen/QwQ-32B --tools calculator,code "The 1000th prime?"
  qwq agent --server http://127.0.0.1:8080 --folder notes "What is in here?"
  qwq agent --mcp "npx -y some-mcp-server" --transcript run.jsonl "..."
  qwq agent --replay run.jsonl`;

export function agent(): Command {
  const command = new Command("agent")
    .description("Carries out a task with tools: the model calls them, and reads what comes of it.")
    .argument("[task...]", 'what is to be done; "-" reads it from standard input')
    .option("--tools <names>", `some of ${TOOLS.join(", ")}`, "calculator")
    .option("--folder <path>", "tools that list and read files in this folder, and nowhere else")
    .option("--write", "and one that writes them")
    .option("--http <hosts...>", "a tool that fetches from these hosts: example.com 127.0.0.1:8080")
    .option("--mcp <commands...>", "the tools of MCP servers that these commands start")
    .option("--mcp-config <file>", 'the tools of the servers in {"mcpServers": {...}}')
    .option("--system <text>", "a system message before the task")
    .option("--steps <n>", "replies at most", integer(1), 16)
    .option("--tokens <n>", "tokens of all replies together at most", integer(1), 65_536)
    .option("--seconds <n>", "seconds of everything at most", integer(1), 3600)
    .option("--transcript <file>", "write down what happens, an event a line")
    .option("--replay <file>", "show a transcript again; nothing is asked or done")
    .addOption(new Option("--again", "with --replay: carry its calls out again, and say what is different"))
    .option("--json", "events as JSON lines")
    .addHelpText("after", HELP);
  return withServerOptions(withSamplingOptions(withModelOptions(command))).action(act);
}

/** Refuses an option that means nothing without another. Throws UsageError E_ARG_ALONE. */
function checkAlone({ again, replay, write, folder }: AgentOptions): void {
  const [told, needed] = again && replay === undefined ? ["--again", "--replay FILE"] : ["--write", "--folder PATH"];
  if (told === "--write" && (write !== true || folder !== undefined)) return;
  throw new UsageError("E_ARG_ALONE", told, { expected: needed, actual: "none", hint: "See qwq agent --help." });
}

async function act(words: string[], options: AgentOptions): Promise<void> {
  checkAlone(options);
  const say = options.json ? printJson : sayEvent(options);
  if (options.replay !== undefined) return replay(options.replay, options, say);
  const task = words.length === 1 && words[0] === "-" ? (await readText("-")).trim() : words.join(" ");
  if (task === "") {
    throw new UsageError("E_ARG_EMPTY", "agent", {
      expected: "a task",
      actual: "none",
      hint: 'For example: qwq agent "Use the calculator: 12 * 7".',
    });
  }
  const interrupt = onInterrupt("within");
  const toolbox = await Toolbox.of(await toolsOf(options));
  try {
    const settings = {
      remember: true,
      onLoop: "stop",
      thinkTokens: options.thinkTokens,
      speculate: options.speculate,
    } as const;
    const who = await responder(options, settings, interrupt.signal, "toolcaller");
    await carryOut(task, who, toolbox, options, interrupt, say).finally(() => who.close());
  } finally {
    await toolbox.close();
    interrupt.done();
  }
}

async function carryOut(
  task: string,
  who: Responder,
  toolbox: Toolbox,
  options: AgentOptions,
  interrupt: Interrupt,
  say: (event: AgentEvent) => void,
): Promise<void> {
  const { steps, tokens, seconds, system, transcript } = options;
  const limits: AgentLimits = { steps, tokens, seconds };
  const journal = transcript === undefined ? undefined : new Journal(transcript, "new");
  const onEvent = (event: AgentEvent) => {
    journal?.add(event);
    say(event);
  };
  try {
    const drawing = drawingOf(options);
    const { end } = await runAgent(task, {
      responder: who,
      toolbox,
      drawing,
      seed: seedOf(options),
      system,
      limits,
      onEvent,
      signal: interrupt.signal,
    });
    if (end === "interrupted") process.exitCode = interrupt.exitCode();
  } finally {
    journal?.close();
  }
}

function drawingOf(o: AgentOptions) {
  const { temperature, topK, topP, minP, repetitionPenalty, maxTokens } = o;
  return { temperature: o.greedy ? 0 : temperature, topK, topP, minP, repetitionPenalty, maxTokens };
}

/** What servers take: 31 bits. */
function seedOf({ seed }: AgentOptions): number {
  return seed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1 : Number(seed % 2n ** 31n);
}

async function replay(path: string, options: AgentOptions, say: (event: AgentEvent) => void): Promise<void> {
  const events = readTranscript(path);
  if (options.again !== true) return events.forEach((event) => say(event));
  const toolbox = await Toolbox.of(await toolsOf(options));
  try {
    const differences = await callAgain(events, toolbox, new AbortController().signal);
    if (options.json) return printJson({ differences });
    for (const { step, name, recorded, now } of differences)
      print(`step ${step}, ${name}: was ${recorded}\n  now ${now}\n`);
    print(
      differences.length === 0
        ? "Every call comes to what it came to.\n"
        : `${differences.length} results are others now.\n`,
    );
    if (differences.length > 0) process.exitCode = 1;
  } finally {
    await toolbox.close();
  }
}

/** Says an event to people: thoughts and calls dimmed, results after an arrow. */
function sayEvent({ quiet }: AgentOptions): (event: AgentEvent) => void {
  return (event) => {
    if (event.type === "reply") {
      if (event.thinking !== "" && !quiet) print(`${colour.dim(event.thinking)}\n`);
      for (const raw of event.calls) print(`${colour.cyan(`<tool_call>${raw.trim()}</tool_call>`)}\n`);
      if (event.answer !== "") print(`${event.answer}\n`);
    }
    if (event.type === "result")
      print(`${event.outcome === "done" ? colour.green("->") : colour.red("->")} ${event.content}\n`);
    if (event.type === "end" && event.end !== "answer" && !quiet) note(ENDS[event.end]);
  };
}

const ENDS: Readonly<Record<Exclude<End, "answer">, string>> = {
  steps: "Stopped: --steps replies, and still calls.",
  tokens: "Stopped: --tokens are used up.",
  time: "Stopped: --seconds have passed.",
  length: "Stopped: a reply met --max-tokens.",
  stuck: "Stopped: the same calls came to the same results three times.",
  interrupted: "Interrupted.",
};
