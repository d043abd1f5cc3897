/** Subcommands that are read from their files when they are asked for. */
import type { Command } from "commander";

/** Each subcommand's maker by the name it is called by. */
export type Subcommands = Readonly<
  Record<string, () => Promise<(words: readonly string[]) => Command | Promise<Command>>>
>;

/**
 * Adds the subcommand that the first word names; all of them where it names none, so that the help shows them and a
 * name that is none is told what is near it.
 */
export async function withSubcommands(command: Command, all: Subcommands, words: readonly string[]): Promise<void> {
  const [first = "", ...rest] = words;
  const asked = Object.hasOwn(all, first) ? [all[first]!] : Object.values(all);
  for (const make of await Promise.all(asked.map((read) => read()))) command.addCommand(await make(rest));
}
