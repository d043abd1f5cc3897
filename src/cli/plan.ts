/** `qwq plan`: what a model needs, and where it fits. */
import { totalmem } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type Config, QWQ_32B } from "../config.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { readConfig } from "../files/config.ts";
import { holds } from "../files/hub-cache.ts";
import { locate } from "../files/locate.ts";
import { readInside } from "../files/paths.ts";
import { plan as makePlan } from "../library/plan.ts";
import type { CacheFormat } from "../ops.ts";
import { integer, kvOption } from "./options.ts";
import { planText } from "./plan-text.ts";
import { print, printJson } from "./terminal.ts";

const HELP = `
Weights are counted exactly; headers and tokenizer of a file come on top, a few
megabytes. GB is 1,000,000,000 bytes. A GGUF file's mixture is llama.cpp's.

Examples:
  qwq plan qwq-32b
  qwq plan qwq-32b --context 131072
  qwq plan Qwen/QwQ-32B             fetches its config.json alone
  qwq plan --json model | jq '.forms[] | select(.key == "bf16") | .bytes'`;

interface Options {
  readonly context?: number;
  readonly kv: CacheFormat;
  readonly json?: boolean;
}

const MOST_CONFIG = 2 ** 20;
/** The model whose sizes need no file. */
export const KNOWN = "qwq-32b";

export function plan(): Command {
  return new Command("plan")
    .description("Shows what a model needs in every published format, and where it fits.")
    .argument("<model>", `a Hugging Face folder, a .gguf file, a hub id on disk, or ${KNOWN}`)
    .option("--context <n>", "tokens to make room for (default: the model's own)", integer(1, 2 ** 24))
    .addOption(kvOption())
    .option("--json", "one JSON object")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

function act(model: string, options: Options): void {
  const { config, disk } = opened(model);
  const found = makePlan(config, options.context ?? config.context, totalmem(), options.kv, disk?.bytes);
  if (options.json) printJson({ model, disk: disk ?? null, ...found });
  else print(planText({ model, disk, plan: found }));
}

/** What is known of a model without its weights. */
interface Opened {
  readonly config: Config;
  readonly disk?: { readonly formats: readonly string[]; readonly bytes: number } | undefined;
  readonly tensors?: Checkpoint["source"]["tensors"] | undefined;
  readonly kind?: Checkpoint["kind"] | undefined;
}

/**
 * A checkpoint's config, and the bytes of its tensors as they are; of a model in the cache whose weights are not there,
 * as it is after fetch.ts, and of the one that needs no file, the config alone.
 */
export function opened(model: string): Opened {
  if (model === KNOWN) return { config: QWQ_32B };
  const { path } = locate(model);
  if (path !== model && !holds(path, "model")) {
    const { config } = readConfig(
      readInside(path, "config.json", MOST_CONFIG, "E_LIMIT_CONFIG"),
      join(path, "config.json"),
    );
    return { config };
  }
  const checkpoint = openCheckpoint(model);
  try {
    const { config, kind } = checkpoint;
    const { tensors } = checkpoint.source;
    const all = [...tensors.values()];
    const formats = [...new Set(all.map(({ format }) => format))].sort();
    const bytes = all.reduce((sum, tensor) => sum + tensor.bytes, 0);
    return { config, disk: { formats, bytes }, tensors, kind };
  } finally {
    checkpoint.close();
  }
}
