/** From a command's options to a loaded model. */
import { freemem } from "node:os";
import { UsageError } from "../errors.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { EMBEDDED } from "../files/embedded.ts";
import type { Way } from "../files/open-source.ts";
import { QwQ } from "../library/qwq.ts";
import { reference } from "../reference/index.ts";
import type { Ops } from "../ops.ts";
import type { ModelOptions } from "./options.ts";
import { isSupervised } from "./supervise.ts";
import { note } from "./terminal.ts";

/** Backends by the name that `--backend` takes. `auto` is the fastest of those there are. */
const BACKENDS: ReadonlyMap<string, Ops> = new Map([
  ["auto", reference],
  ["reference", reference],
]);

export function backend(name: string): Ops {
  const found = BACKENDS.get(name);
  if (found !== undefined) return found;
  throw new UsageError("E_ARG_BACKEND", "--backend", {
    expected: `one of ${[...BACKENDS.keys()].join(", ")}`,
    actual: name,
    hint: "This version has no other.",
  });
}

/** Loads the model that the options name. What it warns of is said with --verbose. */
export async function load(options: ModelOptions): Promise<QwQ> {
  const ops = backend(options.backend);
  const qwq = await QwQ.load(options.model, {
    backend: ops,
    memory: options.memory,
    io: way(options),
    context: options.context,
    kv: options.kv,
  });
  say(qwq.checkpoint, options);
  if (options.model === undefined && !options.quiet) {
    note(
      "This is the embedded model. Its weights are random, so what it says is noise; it shows that everything runs.",
    );
    note("A real one: qwq run -m MODEL ...");
  }
  return qwq;
}

/** The same without its text: a model that lacks a tokenizer will do. */
export function openModel(options: ModelOptions): { readonly checkpoint: Checkpoint; readonly ops: Ops } {
  const ops = backend(options.backend);
  const pin = options.memory ?? Math.floor(freemem() / 2);
  const checkpoint = openCheckpoint(options.model ?? EMBEDDED, { pin, io: way(options) });
  say(checkpoint, options);
  return { checkpoint, ops };
}

/** What is mapped by itself must be supervised: see supervise.ts. */
function way({ io }: ModelOptions): Way {
  return io === "auto" && !isSupervised() ? "pread" : io;
}

function say({ warnings, how }: Checkpoint, { verbose }: ModelOptions): void {
  if (verbose) for (const line of [...warnings, how]) note(line);
}
