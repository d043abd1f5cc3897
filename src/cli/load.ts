/** From a command's options to a loaded model. */
import { beyondReach } from "../config.ts";
import { QwqError, UsageError } from "../errors.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { EMBEDDED, EMBEDDED_MODELS, type EmbeddedName } from "../files/embedded.ts";
import type { Way } from "../files/open-source.ts";
import type { Budget } from "../library/budget.ts";
import { QwQ, within } from "../library/qwq.ts";
import { quote } from "../json/quote.ts";
import { reference } from "../reference/index.ts";
import type { Ops } from "../ops.ts";
import type { ModelOptions } from "./options.ts";
import { checkInterrupt } from "./signals.ts";
import { note } from "./terminal.ts";
import { byteSize, grouped } from "./units.ts";

type Make = (options: ModelOptions) => Promise<Ops>;

/** Backends by the name that `--backend` takes. `auto` is the fastest that this engine can run. */
const BACKENDS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ["auto", auto],
  ["reference", async () => reference],
  ["wasm", wasm],
  ["wgsl", wgsl],
]);

async function wasm({ threads, activations }: ModelOptions): Promise<Ops> {
  const { wasmBackend } = await import("../../kernels/wasm/index.ts");
  return wasmBackend({ threads, activations, onWork: checkInterrupt });
}

async function wgsl({ activations, quiet }: ModelOptions): Promise<Ops> {
  const { wgslBackend } = await import("../../kernels/wgsl/index.ts");
  const ops = await wgslBackend({ activations });
  if (!quiet) note(`wgsl ${JSON.stringify(ops.report)}`);
  return ops;
}

/** The kernels, or, where the engine has no SIMD or no memory for them, the reference. */
async function auto(options: ModelOptions): Promise<Ops> {
  try {
    return await wasm(options);
  } catch (error) {
    const reason = error instanceof QwqError ? REASONS[error.code] : undefined;
    if (reason === undefined) throw error;
    if (!options.quiet) note(`${reason}: the reference runs instead, which is slow.`);
    return reference;
  }
}

/** Why the kernels may not be there, by error. */
const REASONS: Readonly<Record<string, string>> = {
  E_ARG_BACKEND: "This engine has no WebAssembly SIMD",
  E_LIMIT_MEMORY: "The system has no memory for the kernels",
};

/** For commands that measure a model and not an engine: activations are not rounded unless that is asked for. */
export function exactly<O extends ModelOptions>(options: O): O {
  return options.activations === undefined && options.backend === "auto" ? { ...options, activations: "f32" } : options;
}

async function gpujs(options: ModelOptions): Promise<Ops> {
  const { gpujsBackend, gpujsMode } = await import("../../kernels/gpujs/index.ts");
  const mode = gpujsMode(options.backend);
  const { threads, weights, quiet } = options;
  const onRounded = (format: string) => {
    if (!quiet) note(roundedText(format, weights));
  };
  const ops = await gpujsBackend({ mode, threads, weights, onRounded, onWork: checkInterrupt });
  if (!quiet) note(`gpujs ${JSON.stringify(ops.report)}`);
  return ops;
}

/** What is said once of weights that gpujs does not keep as they are. */
function roundedText(format: string, asked: ModelOptions["weights"]): string {
  const why = asked === "int8" ? "" : ": as float32 they take more than 1 GiB";
  return `gpujs rounds this model's ${format} weights to int8, with a scale for each group${why}. To keep them, give --weights f32, or take --backend wgsl or wasm.`;
}

export async function backend(options: ModelOptions): Promise<Ops> {
  const name = options.backend;
  if (name.split(":")[0] === "gpujs") return gpujs(options);
  const make = BACKENDS.get(name);
  if (make !== undefined) return make(options);
  throw new UsageError("E_ARG_BACKEND", "--backend", {
    expected: `one of ${[...BACKENDS.keys()].join(", ")}, gpujs`,
    actual: quote(name),
    hint: "This version has no other.",
  });
}

/**
 * Loads the model that the options name, or else this embedded one, for so many conversations at a time. What it warns of is
 * said with --verbose.
 */
export async function load(options: ModelOptions, caches = 1, embedded: EmbeddedName = "reasoner"): Promise<QwQ> {
  const ops = await backend(options);
  const { path, notes } = EMBEDDED_MODELS[embedded];
  const qwq = await QwQ.load(options.model ?? path, {
    backend: ops,
    memory: options.memory,
    pinBytes: options.pinBytes,
    io: way(options),
    onWindow: checkInterrupt,
    context: options.context,
    kv: options.kv,
    caches,
  });
  say(qwq.checkpoint, qwq.budget, options);
  if (options.model === undefined && !options.quiet) {
    for (const line of notes) note(line);
  }
  return qwq;
}

/** The same without its text: a model that lacks a tokenizer will do. */
export async function openModel(
  options: ModelOptions,
): Promise<{ readonly checkpoint: Checkpoint; readonly ops: Ops }> {
  const ops = await backend(options);
  const checkpoint = openCheckpoint(options.model ?? EMBEDDED, { io: way(options) });
  say(checkpoint, within(checkpoint, options, ops), options);
  return { checkpoint, ops };
}

/** Left to itself a command reads: whatever then happens to the files is an error. */
function way({ io }: ModelOptions): Way {
  return io === "auto" ? "pread" : io;
}

function say({ warnings, how, config }: Checkpoint, budget: Budget, options: ModelOptions): void {
  const beyond = options.context === undefined ? undefined : beyondReach(config, budget.context);
  if (beyond !== undefined && !options.quiet) note(beyond);
  if (options.verbose) for (const line of [...warnings, how, memoryText(budget)]) note(line);
  else if (budget.context < config.context && options.context === undefined && !options.quiet) {
    note(`Room for ${grouped(budget.context)} of its ${grouped(config.context)} tokens: what --memory holds.`);
  }
}

/** The plan of a run's memory. */
function memoryText({ run, context, kv, pin, memory }: Budget): string {
  const { total, cache, kernels, ...rest } = run;
  const parts = Object.entries(rest).map(([name, bytes]) => `${name} ${byteSize(bytes)}`);
  const own = kernels === 0 ? "" : `kernels ${byteSize(kernels)}, `;
  return [
    `Memory for ${grouped(context)} tokens: ${byteSize(total)}${memory === undefined ? "" : ` of ${byteSize(memory)}`}:`,
    `  ${parts.join(", ")},`,
    `  ${own}cache ${byteSize(cache)} (${kv}); besides, up to ${byteSize(pin)} of weights stay.`,
  ].join("\n");
}
