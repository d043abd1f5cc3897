/** From a command's options to a loaded model. */
import { UsageError } from "../errors.ts";
import { QwQ } from "../library/qwq.ts";
import { reference } from "../reference/index.ts";
import type { Ops } from "../ops.ts";
import type { ModelOptions } from "./options.ts";
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
  if (options.io === "mmap") {
    throw new UsageError("E_ARG_IO", "--io", {
      expected: "auto or pread",
      actual: "mmap",
      hint: "This version does not map files.",
    });
  }
  const qwq = await QwQ.load(options.model, { backend: ops, memory: options.memory, context: options.context });
  if (options.verbose) for (const warning of qwq.checkpoint.warnings) note(warning);
  if (options.model === undefined && !options.quiet) {
    note(
      "This is the embedded model. Its weights are random, so what it says is noise; it shows that everything runs.",
    );
    note("A real one: qwq run -m MODEL ...");
  }
  return qwq;
}
