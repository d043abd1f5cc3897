/** `qwq oracle`: the reference by which other engines are judged. */
import { Command } from "commander";
import { type Subcommands, withSubcommands } from "./subcommands.ts";

const COMMANDS: Subcommands = {
  plan: async () => (await import("./oracle-plan.ts")).plan,
  record: async () => (await import("./oracle-record.ts")).record,
  import: async () => (await import("./oracle-import.ts")).importBundle,
  compare: async () => (await import("./oracle-judge.ts")).compare,
  replay: async () => (await import("./oracle-judge.ts")).replay,
  diagnose: async () => (await import("./oracle-judge.ts")).diagnose,
  bisect: async () => (await import("./oracle-bundle.ts")).bisect,
  kl: async () => (await import("./oracle-bundle.ts")).kl,
  show: async () => (await import("./oracle-bundle.ts")).show,
  verify: async () => (await import("./oracle-bundle.ts")).verify,
  lint: async () => (await import("./oracle-lint.ts")).lint,
  tokens: async () => (await import("./oracle-text.ts")).tokens,
  template: async () => (await import("./oracle-text.ts")).templates,
  parse: async () => (await import("./oracle-text.ts")).parse,
  sampler: async () => (await import("./oracle-sampler.ts")).sampler,
  probe: async () => (await import("./oracle-probe.ts")).probe,
  weights: async () => (await import("./oracle-weights.ts")).weights,
  invariants: async () => (await import("./oracle-invariants.ts")).invariants,
  explain: async () => (await import("./oracle-explain.ts")).explain,
};

/** The command `oracle` with the subcommand that these words name, or with all of them. */
export async function oracle(words: readonly string[] = []): Promise<Command> {
  const command = new Command("oracle")
    .helpCommand(false)
    .description("the reference by which other engines are judged")
    .addHelpText("after", "\nqwq oracle <command> --help shows examples.");
  await withSubcommands(command, COMMANDS, words);
  return command;
}
