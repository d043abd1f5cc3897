/** The whole command line: one thin file a subcommand beside this one. */
import { Command } from "commander";
import { checkHost } from "../files/host.ts";
import { bench } from "./bench.ts";
import { chat } from "./chat.ts";
import { detokenize } from "./detokenize.ts";
import { download } from "./download.ts";
import { fetchModels, withOffline } from "./fetch.ts";
import { inspect } from "./inspect.ts";
import { oracle } from "./oracle.ts";
import type { ModelOptions } from "./options.ts";
import { perplexity } from "./perplexity.ts";
import { plan } from "./plan.ts";
import { quantize } from "./quantize.ts";
import { run } from "./run.ts";
import { supervise } from "./supervise.ts";
import { synth } from "./synth.ts";
import { template } from "./template.ts";
import { tokenize } from "./tokenize.ts";
import { verify } from "./verify.ts";
import { VERSION } from "./version.ts";

const COMMANDS = [
  run,
  chat,
  perplexity,
  bench,
  plan,
  inspect,
  verify,
  tokenize,
  detokenize,
  template,
  synth,
  quantize,
  download,
  oracle,
];

/** The command `qwq` with all of its subcommands; parsing throws where commander would end the process. */
export function program(): Command {
  const qwq = new Command("qwq")
    .description("QwQ-32B in TypeScript: run it, look inside, judge other engines by it.")
    .version(VERSION)
    .helpCommand(false)
    .hook("preAction", () => checkHost())
    .hook("preAction", async (_, action) => {
      await supervise(action.opts<Partial<ModelOptions>>());
      await fetchModels(action);
    });
  for (const command of COMMANDS) qwq.addCommand(command());
  for (const command of [qwq, ...qwq.commands, ...qwq.commands.flatMap((inner) => inner.commands)]) {
    withOffline(command);
    command.exitOverride().showHelpAfterError("(qwq <command> --help shows examples)");
  }
  return qwq;
}
