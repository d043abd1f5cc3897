import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { oracle } from "../../src/cli/oracle.ts";
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

const whole = await program();

describe("program", () => {
  it("reads the one subcommand that is named, and all where none is", async () => {
    const names = (command: Command) => command.commands.map((inner) => inner.name());
    expect(names(await program(["plan", "run"]))).toEqual(["plan"]);
    expect(names(await program(["--version"]))).toEqual([]);
    expect(names(await program(["plna"]))).toEqual(names(whole));
    expect(names(await oracle(["kl"]))).toEqual(["kl"]);
    expect(names((await program(["oracle", "explain"])).commands[0]!)).toEqual(["explain"]);
    expect(names(await program(["constructor"]))).toEqual(names(whole));
  });

  it("has the commands of this version", () => {
    const names = whole.commands.map((command) => command.name());
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
      "train",
      "eval",
      "serve",
      "agent",
      "learn",
      "oracle",
      "notebook",
    ]);
  });

  it.each(leaves(whole).map((command) => [command.name(), command] as const))(
    "%s has a help with examples, within 80 columns",
    (_, command) => {
      const text = help(command);
      expect(text).toMatch(/Examples?:/);
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    },
  );
});
