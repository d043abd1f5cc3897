/** `qwq oracle sampler`: what Hugging Face's processors keep of given logits. */
import { Command } from "commander";
import { samplerCase } from "../oracle/sampler.ts";
import { about, readJsonLines } from "./input.ts";
import { printLine } from "./terminal.ts";

const HELP = `
A case is {"logits": [...], "previous": [ids], "repetition_penalty",
"temperature", "top_k", "top_p", "min_p"}: null among the logits is minus
infinity, and what is absent is off (1, 1, 0, 1, 0). The answer is
{"ids": [kept, ascending], "probabilities": [...]}.

Examples:
  qwq oracle sampler --cases cases.jsonl
  echo '{"logits": [1, null, 2], "top_k": 1}' | qwq oracle sampler --cases -`;

export function sampler(): Command {
  return new Command("sampler")
    .description("what Hugging Face's processors keep of given logits")
    .requiredOption("--cases <file>", 'the cases; "-" is stdin')
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(async ({ cases }: { readonly cases: string }) => {
      for await (const { json, where } of readJsonLines(cases)) {
        await printLine(JSON.stringify(await about(where, () => samplerCase(json, where))));
      }
    });
}
