/** From a command's options to who answers: the model in this process, or a server. */
import { LocalResponder, type LocalSettings } from "../ask/local.ts";
import type { Responder } from "../ask/responder.ts";
import { ServerResponder } from "../ask/server.ts";
import type { EmbeddedName } from "../files/embedded.ts";
import { type Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { load } from "./load.ts";
import { integer, type ModelOptions } from "./options.ts";
import { note } from "./terminal.ts";
import { grouped } from "./units.ts";

export interface ServerOptions {
  readonly server?: string;
  readonly serverModel?: string;
  readonly keyVariable?: string;
  readonly concurrency?: number;
  readonly retries: number;
  readonly backoff: number;
  readonly silence: number;
  readonly plain?: boolean;
}

export function withServerOptions(command: Command): Command {
  return command
    .option("--server <url>", "ask this server, which speaks OpenAI's API: http://127.0.0.1:8080")
    .option("--server-model <name>", "the model to ask it for (default: the first that it lists)")
    .option("--key-variable <name>", "the environment variable that holds the server's key")
    .option("--concurrency <n>", "ask the server so much at a time (default: 8)", integer(1, 4096))
    .option("--retries <n>", "attempts after the first, each after twice as long a wait", integer(0, 100), 10)
    .option("--silence <seconds>", "give an attempt up after so much silence", integer(1, 86_400), 600)
    .option("--plain", "send no field that OpenAI itself refuses: top_k, min_p, repetition_penalty")
    .addOption(new Option("--backoff <ms>", "the first wait").argParser(integer(1)).default(1000).hideHelp());
}

/**
 * Who answers: the server that the options name, or the model, or the embedded one of this name (the reasoner unless told).
 *
 * Throws UsageError E_ARG_SERVER where both a model and a server are named, E_ARG_KEY where the key is not there; as `load`
 * and `ServerResponder.open`.
 */
export async function responder(
  options: ModelOptions & ServerOptions,
  settings: LocalSettings,
  signal?: AbortSignal,
  embedded?: EmbeddedName,
): Promise<Responder> {
  const { server, model, quiet } = options;
  if (server === undefined) {
    return new LocalResponder(await load(options, 1, embedded), model ?? embedded, settings);
  }
  if (model !== undefined) {
    const hint = "The server's own model is named by --server-model.";
    throw new UsageError("E_ARG_SERVER", "--server", { expected: "a model or a server", actual: "both", hint });
  }
  return ServerResponder.open(
    {
      url: server,
      model: options.serverModel,
      key: keyOf(options.keyVariable),
      atOnce: options.concurrency,
      retries: options.retries,
      backoff: options.backoff,
      silence: options.silence,
      plain: options.plain,
      onRoom: once((tokens: number) => {
        if (!quiet)
          note(`The server's context has no room for ${grouped(tokens)} new tokens; replies get what there is.`);
      }),
      onRetry: (why, attempt) => {
        if (!quiet && attempt > 1) note(`The server: ${why}; attempt ${attempt} of ${options.retries + 1}.`);
      },
    },
    signal,
  );
}

/** `say`, the first time alone. */
function once<T>(say: (value: T) => void): (value: T) => void {
  let said = false;
  return (value) => {
    if (!said) say(value);
    said = true;
  };
}

function keyOf(variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined;
  const key = process.env[variable];
  if (key !== undefined && key !== "") return key;
  throw new UsageError("E_ARG_KEY", "--key-variable", {
    expected: "an environment variable that holds a key",
    actual: `${variable}, which is empty`,
    hint: "Put the key into it, and export it.",
  });
}
