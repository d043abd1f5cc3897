/** `qwq oracle`: the reference by which other engines are judged. */
import { Command } from "commander";
import { record } from "./oracle-record.ts";
import { sampler } from "./oracle-sampler.ts";

export function oracle(): Command {
  const command = new Command("oracle")
    .helpCommand(false)
    .description("Records what the reference computes, for other engines to be compared with.")
    .addHelpText("after", "\nqwq oracle <command> --help shows examples.");
  for (const inner of [record(), sampler()]) command.addCommand(inner);
  return command;
}
