/** `qwq oracle`: the reference by which other engines are judged. */
import { Command } from "commander";
import { bisect, kl, show, verify } from "./oracle-bundle.ts";
import { explain } from "./oracle-explain.ts";
import { invariants } from "./oracle-invariants.ts";
import { importBundle } from "./oracle-import.ts";
import { lint } from "./oracle-lint.ts";
import { compare, diagnose, replay } from "./oracle-judge.ts";
import { plan } from "./oracle-plan.ts";
import { record } from "./oracle-record.ts";
import { probe } from "./oracle-probe.ts";
import { parse, templates, tokens } from "./oracle-text.ts";
import { sampler } from "./oracle-sampler.ts";
import { weights } from "./oracle-weights.ts";

export function oracle(): Command {
  const command = new Command("oracle")
    .helpCommand(false)
    .description("the reference by which other engines are judged")
    .addHelpText("after", "\nqwq oracle <command> --help shows examples.");
  const all = [
    plan,
    record,
    importBundle,
    compare,
    replay,
    diagnose,
    bisect,
    kl,
    show,
    verify,
    lint,
    tokens,
    templates,
    parse,
    sampler,
    probe,
    weights,
    invariants,
    explain,
  ];
  for (const inner of all) command.addCommand(inner());
  return command;
}
