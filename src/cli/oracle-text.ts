/** `qwq oracle tokens`, `template`, `parse`: another engine's text layer, through a command or a server. */
import { Command, Option } from "commander";
import { FormatError, UsageError } from "../errors.ts";
import { type Check, type Checks, verdictOf } from "../oracle/checks.ts";
import { printableChecks } from "../oracle/formats/index.ts";
import { Client } from "../oracle/probe/client.ts";
import { Candidate } from "../oracle/text/candidate.ts";
import {
  type Ask,
  idsOf,
  parseCheck,
  parsedIn,
  replyJson,
  templateCheck,
  tokensCheck,
} from "../oracle/text/compare.ts";
import { conversations, REPLIES, strings, type Suite, SUITES } from "../oracle/text/suite.ts";
import type { Json } from "../json/json.ts";
import { readJson } from "../json/json.ts";
import { conversationFromJson } from "../text/messages.ts";
import { renderChat } from "../text/template.ts";
import { seconds } from "./options.ts";
import { checkForms, output, type OutputOptions, verdictExit, withOutputOptions } from "./oracle-output.ts";
import { printLine } from "./terminal.ts";
import { openTemplate, openTokenizer, type TextOptions, withTextOptions } from "./text.ts";
import { VERSION } from "./version.ts";

export interface CandidateCommandOptions extends TextOptions, OutputOptions {
  readonly cand?: string;
  readonly server?: string;
  readonly suite: Suite;
  readonly timeout: number;
  readonly print?: boolean;
}

export const PROTOCOL = `
CMD is started once by the shell. It reads one JSON case a line from its
standard input and writes one JSON answer a line to its standard output, at
once; {"error": "why"} refuses a case. No answer, or no JSON, ends with exit
code 3.`;

export function withCandidate(command: Command): Command {
  command
    .option("--cand <command>", "the engine, as a command that answers lines of JSON")
    .addOption(new Option("--suite <suite>", "how many cases").choices([...SUITES]).default("full"))
    .option("--timeout <seconds>", "for each answer", seconds, 30)
    .option("--print", "print the cases with the expected answers, one JSON a line, and ask nobody");
  return withOutputOptions(command);
}

/** Asks every case, prints what differs, sets the exit code. `again` names the checks. */
export async function run(
  command: Checks["command"],
  options: CandidateCommandOptions,
  ask: (ask: Ask) => Promise<Check[]>,
): Promise<void> {
  checkForms(undefined, options.format, options.out);
  const { cand, server, timeout } = options;
  if ((cand === undefined) === (server === undefined)) {
    throw new UsageError("E_ARG_INPUT", `oracle ${command}`, {
      expected: command === "tokens" ? "--cand CMD or --server URL" : "--cand CMD",
      actual: cand === undefined ? "neither" : "both",
      hint: `See qwq oracle ${command} --help.`,
    });
  }
  const candidate = cand === undefined ? undefined : new Candidate(cand, { timeout });
  try {
    const found = await ask((line) => (candidate === undefined ? served(server!, timeout, line) : candidate.ask(line)));
    const checks: Checks = { schema: "oracle-checks/1", command, subject: cand ?? server!, checks: found, notes: [] };
    output(printableChecks(checks, { version: VERSION, annotations: options.maxAnnotations }), options);
    process.exitCode = verdictExit(verdictOf(checks), options.failOn);
  } finally {
    candidate?.close();
  }
}

/** A text's ids from /tokenize, as llama-server and vLLM have it. */
async function served(url: string, timeout: number, line: string): Promise<Json> {
  const { text } = JSON.parse(line) as { text: string };
  const body = { content: text, add_special: true, parse_special: true, prompt: text, add_special_tokens: true };
  const answer = await new Client(url, timeout).post("/tokenize", body);
  if ("json" in answer && idsOf(answer.json) !== undefined) return answer.json;
  throw new FormatError("E_CMP_ANSWER", url, {
    expected: "ids from /tokenize",
    actual: "json" in answer ? "an answer of no known form" : answer.why,
    hint: "Is it llama-server or vLLM?",
  });
}

export function tokens(): Command {
  const help = `
A case is {"text": "..."}; the answer [ids] or {"ids": [...]}. Contents of
special tokens become those tokens, and nothing is put around the text.
${PROTOCOL}

Examples:
  qwq oracle tokens -m Qwen/QwQ-32B --cand './engine --tokenize-lines'
  qwq oracle tokens -m Qwen/QwQ-32B --server http://127.0.0.1:8080
  qwq oracle tokens -m Qwen/QwQ-32B --print > cases.jsonl`;
  return withTextOptions(withCandidate(new Command("tokens")))
    .description("another engine's token ids, exactly, on strings that have made tokenizers fail")
    .option("--server <url>", "a server with /tokenize, as llama-server and vLLM have it")
    .addHelpText("after", help)
    .action(async (options: CandidateCommandOptions) => {
      const tokenizer = openTokenizer(options);
      const texts = strings(options.suite);
      if (options.print) {
        for (const text of texts) await printLine(JSON.stringify({ text, ids: Array.from(tokenizer.encode(text)) }));
        return;
      }
      await run("tokens", options, (ask) => inTurn(texts, (text, i) => tokensCheck(text, i, tokenizer, ask)));
    });
}

export function templates(): Command {
  const help = `
A case is {"messages": [...], "tools"?: [...], "add_generation_prompt"?: true};
the answer "prompt" or {"prompt": "..."}, and {"error"} where the template
refuses the conversation. Every byte counts.
${PROTOCOL}

Examples:
  qwq oracle template -m Qwen/QwQ-32B --cand 'python render.py'
  qwq oracle template --print > cases.jsonl`;
  return withTextOptions(withCandidate(new Command("template")))
    .description("another engine's prompts, byte for byte")
    .addHelpText("after", help)
    .action(async (options: CandidateCommandOptions) => {
      const { template, specialTokens } = openTemplate(options);
      const cases = conversations(options.suite);
      if (options.print) {
        for (const line of cases)
          await printLine(JSON.stringify({ case: line, ...(await answer(line, template, specialTokens)) }));
        return;
      }
      await run("template", options, (ask) =>
        inTurn(cases, (line, i) => templateCheck(line, i, template, specialTokens, ask)),
      );
    });
}

async function answer(line: string, template: string, specialTokens: Record<string, string>): Promise<object> {
  try {
    return { prompt: await renderChat(template, { ...conversationFromJson(readJson(line, "suite")), specialTokens }) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

export function parse(): Command {
  const help = `
A case is {"pieces": [...], "opened": true, "tool_calls": true}: the pieces of a
reply as they arrive, and whether the prompt ended inside a thought. The answer
is {"thinking", "answer", "tool_calls": [{"name", "arguments"}]}, a call that
cannot be read {"raw"}. Each reply comes whole, cut in two at every place, and
character by character.
${PROTOCOL}

Examples:
  qwq oracle parse --cand './engine --parse-lines'
  qwq oracle parse --print`;
  return withCandidate(new Command("parse"))
    .description("another engine's reading of replies: thoughts and tool calls, at every split")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", help)
    .action(async (options: CandidateCommandOptions) => {
      if (options.print) {
        for (const { name, text, opened } of REPLIES) {
          const reply = JSON.parse(replyJson(parsedIn([text], opened))) as object;
          await printLine(JSON.stringify({ name, pieces: [text], opened, tool_calls: true, reply }));
        }
        return;
      }
      await run("parse", options, (ask) => inTurn(REPLIES, (reply) => parseCheck(reply, ask)));
    });
}

export async function inTurn<T>(cases: readonly T[], check: (one: T, i: number) => Promise<Check>): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [i, one] of cases.entries()) checks.push(await check(one, i));
  return checks;
}
