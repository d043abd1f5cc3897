/** The whole command line: one thin file a subcommand beside this one. */
import { Command } from "commander";
import { checkHost } from "../files/host.ts";
import { fetchModels, withOffline } from "./fetch.ts";
import type { ModelOptions } from "./options.ts";
import { type Subcommands, withSubcommands } from "./subcommands.ts";
import { supervise } from "./supervise.ts";
import { VERSION } from "./version.ts";

/** The subcommands; each is read when it is asked for, since all of them together take Node longer than most answers. */
const COMMANDS: Subcommands = {
  run: async () => (await import("./run.ts")).run,
  chat: async () => (await import("./chat.ts")).chat,
  perplexity: async () => (await import("./perplexity.ts")).perplexity,
  bench: async () => (await import("./bench.ts")).bench,
  plan: async () => (await import("./plan.ts")).plan,
  inspect: async () => (await import("./inspect.ts")).inspect,
  verify: async () => (await import("./verify.ts")).verify,
  tokenize: async () => (await import("./tokenize.ts")).tokenize,
  detokenize: async () => (await import("./detokenize.ts")).detokenize,
  template: async () => (await import("./template.ts")).template,
  synth: async () => (await import("./synth.ts")).synth,
  quantize: async () => (await import("./quantize.ts")).quantize,
  download: async () => (await import("./download.ts")).download,
  train: async () => (await import("./train.ts")).train,
  eval: async () => (await import("./eval.ts")).evaluate,
  serve: async () => (await import("./serve.ts")).serve,
  agent: async () => (await import("./agent.ts")).agent,
  learn: async () => (await import("./learn.ts")).learn,
  oracle: async () => (await import("./oracle.ts")).oracle,
  notebook: async () => (await import("./notebook.ts")).notebook,
};

/**
 * The command `qwq` with the subcommand that these words name, or with all of them where they name none; parsing
 * throws where commander would end the process.
 */
export async function program(words: readonly string[] = []): Promise<Command> {
  const qwq = new Command("qwq")
    .description("QwQ-32B in TypeScript: run it, look inside, judge other engines by it.")
    .version(VERSION)
    .helpCommand(false)
    .hook("preAction", () => checkHost())
    .hook("preAction", async (_, action) => {
      await supervise(action.opts<Partial<ModelOptions>>());
      await fetchModels(action);
    });
  const asksVersion = words[0] === "--version" || words[0] === "-V"; // which needs none of them
  await withSubcommands(qwq, asksVersion ? {} : COMMANDS, words);
  for (const command of [qwq, ...qwq.commands, ...qwq.commands.flatMap((inner) => inner.commands)]) {
    withOffline(command);
    command.exitOverride().showHelpAfterError("(qwq <command> --help shows examples)");
  }
  return qwq;
}
