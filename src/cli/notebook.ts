/** `qwq notebook`: runs, checks and builds notebooks, and brings their kernel to Jupyter. */
import { Command } from "commander";
import { type Subcommands, withSubcommands } from "./subcommands.ts";

const COMMANDS: Subcommands = {
  run: async () => (await import("./notebook-run.ts")).run,
  check: async () => (await import("./notebook-run.ts")).check,
  build: async () => (await import("./notebook-run.ts")).build,
  install: async () => (await import("./notebook-install.ts")).install,
  kernel: async () => (await import("./notebook-install.ts")).kernel,
};

const HELP = `
A notebook is a TypeScript file: "// %%" begins a cell of code and
"// %% [markdown]" one of text. notebooks/README.md tells more.

Examples:
  qwq notebook run notebooks/03-rms-norm.ts
  qwq notebook check notebooks
  qwq notebook build notebooks
  qwq notebook install`;

/** The command `notebook` with the subcommand that these words name, or with all of them. */
export async function notebook(words: readonly string[] = []): Promise<Command> {
  const command = new Command("notebook")
    .helpCommand(false)
    .description("notebooks in TypeScript: run, check and build them, and their Jupyter kernel")
    .addHelpText("after", HELP);
  await withSubcommands(command, COMMANDS, words);
  return command;
}
