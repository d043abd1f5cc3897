/** `qwq oracle sampler`: what Hugging Face's processors keep of given logits, here and in another engine. */
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { readJson } from "../json/json.ts";
import { samplerCheck } from "../oracle/text/compare.ts";
import { samplerCases } from "../oracle/text/suite.ts";
import { samplerCase } from "../oracle/sampler.ts";
import { about, readJsonLines } from "./input.ts";
import { type CandidateCommandOptions, inTurn, PROTOCOL, run, withCandidate } from "./oracle-text.ts";
import { printLine } from "./terminal.ts";

const HELP = `
A case is {"logits": [...], "previous": [ids], "repetition_penalty",
"temperature", "top_k", "top_p", "min_p"}: null among the logits is minus
infinity, and what is absent is off (1, 1, 0, 1, 0). The answer is
{"ids": [kept, ascending], "probabilities": [...]}. --cases answers them;
--cand asks another engine 300 recorded ones: ids exactly, probabilities to
1e-5.
${PROTOCOL}

Examples:
  qwq oracle sampler --cases cases.jsonl
  echo '{"logits": [1, null, 2], "top_k": 1}' | qwq oracle sampler --cases -
  qwq oracle sampler --cand './engine --sample-lines'`;

interface Options extends CandidateCommandOptions {
  readonly cases?: string;
}

export function sampler(): Command {
  return withCandidate(new Command("sampler"))
    .description("what Hugging Face's processors keep of given logits")
    .option("--cases <file>", 'answer these cases; "-" is stdin')
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(options: Options): Promise<void> {
  const { cases, cand, print } = options;
  if ([cases, cand, print].filter((option) => option !== undefined).length !== 1) {
    throw new UsageError("E_ARG_INPUT", "oracle sampler", {
      expected: "--cases FILE, --cand CMD or --print",
      actual: "none of them, or several",
      hint: "See qwq oracle sampler --help.",
    });
  }
  if (cases !== undefined) {
    for await (const { json, where } of readJsonLines(cases)) {
      await printLine(JSON.stringify(await about(where, () => samplerCase(json, where))));
    }
    return;
  }
  const all = samplerCases(options.suite);
  if (print === true) {
    for (const line of all) {
      await printLine(
        JSON.stringify({ ...(JSON.parse(line) as object), ...samplerCase(readJson(line, "suite"), "suite") }),
      );
    }
    return;
  }
  await run("sampler", options, (ask) => inTurn(all, (line, i) => samplerCheck(line, i, ask)));
}
