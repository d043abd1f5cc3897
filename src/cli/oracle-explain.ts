/** `qwq oracle explain`: the page of a bug. */
import { Command } from "commander";
import { explain as explainCode, listText, pages, pageText } from "../oracle/explain.ts";
import { print, printJson } from "./terminal.ts";

const HELP = `
Codes are those of diagnose (rope-interleaved), lint (lint-eps) and the checks
of text and servers. Without one, all are listed.

Examples:
  qwq oracle explain
  qwq oracle explain rope-interleaved
  qwq oracle explain lint-bos --md`;

interface Options {
  readonly md?: boolean;
  readonly json?: boolean;
}

export function explain(): Command {
  return new Command("explain")
    .description("what a code means: right and wrong, symptom, where it was seen, how to mend it")
    .argument("[code]", "the code")
    .option("--md", "as Markdown")
    .option("--json", 'as {"code", "summary", "markdown"}; without a code, an array of these')
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

function act(code: string | undefined, { md, json }: Options): void {
  if (code === undefined) return json === true ? printJson([...pages().values()]) : print(listText());
  const page = explainCode(code);
  if (json === true) return printJson(page);
  print(md === true ? `## ${page.code}\n\n${page.markdown}\n` : pageText(page));
}
