import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { program } from "../../src/cli/program.ts";

const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

/** What --help prints. */
function help(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

describe("program", () => {
  it("has the commands of this version", () => {
    const names = program().commands.map((command) => command.name());
    expect(names).toEqual([
      "run",
      "chat",
      "perplexity",
      "bench",
      "plan",
      "inspect",
      "verify",
      "tokenize",
      "detokenize",
      "template",
      "synth",
      "quantize",
      "download",
      "oracle",
    ]);
  });

  it.each(leaves(program()).map((command) => [command.name(), command] as const))(
    "%s has a help with examples, within 80 columns",
    (_, command) => {
      const text = help(command);
      expect(text).toMatch(/Examples?:/);
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    },
  );
});
