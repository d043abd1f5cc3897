/**
 * The wasm backend: WebAssembly SIMD on several threads, assembled from TypeScript (AssemblyScript, assembly/). What is not
 * here yet is the reference itself.
 */
import { availableParallelism } from "node:os";
import type { Config } from "../../src/config.ts";
import { UsageError } from "../../src/errors.ts";
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import { attention } from "./attention.ts";
import { cache, fetched } from "./cache.ts";
import { Elementwise } from "./elementwise.ts";
import { Linear, workspace } from "./linear.ts";
import { Heap, SHARES } from "./module.ts";
import { type Activations, PROMPT } from "./products.ts";
import { copied, Residents, taken } from "./resident.ts";
import { team } from "./team.ts";

export type { Activations } from "./products.ts";

/** How the kernels run. */
export interface WasmOptions {
  /** How many threads; as many as the machine runs at once unless told, and one where memory cannot be shared. */
  readonly threads?: number | undefined;
  /** How activations meet quantised weights; "int8" unless told. */
  readonly activations?: Activations | undefined;
  /** Whether few tokens meet Q8_0, Q4_0 and Q4_1 by relaxed SIMD where the engine has it; not unless told: it is slower now. */
  readonly relaxed?: boolean | undefined;
  /** Whether to let V8 join lanes of 128 bits to 256 for prompts, where it can; it does unless told otherwise. */
  readonly wide?: boolean | undefined;
  /** Called before each part of a product, many times a second; what it throws ends the work. */
  readonly onWork?: (() => void) | undefined;
}

/** The kernels as a backend. It holds threads and memory until it is closed. */
export interface Wasm extends Ops {
  readonly threads: number;
  readonly activations: Activations;
  /** Whether Q8_0, Q4_0 and Q4_1 of few tokens are multiplied by relaxed SIMD, with activations of 8 bits in place of 16. */
  readonly relaxed: boolean;
  /** Whether prompts are multiplied in lanes of 256 bits; the same bits as in 128. */
  readonly wide: boolean;
  workspace(config: Config): number;
  keep(bytes: number): void;
  close(): void;
}

/** Tokens at once: enough that unpacking a matrix is little beside multiplying it, few enough for memory. */
const CHUNK = 128;

/** More threads than any machine has that this would help. */
const MOST_THREADS = 64;

/**
 * Starts the kernels.
 *
 * throws   UsageError E_ARG_LIMIT for a number of threads that is none; E_ARG_BACKEND where there is no SIMD
 */
export async function wasmBackend(options: WasmOptions = {}): Promise<Wasm> {
  const { activations = "int8" } = options;
  const threads = SHARES ? checkThreads(options.threads ?? Math.min(MOST_THREADS, availableParallelism())) : 1;
  const heap = new Heap(threads > 1);
  const workers = await team(heap, threads, options.relaxed ?? false, undefined, options.wide);
  const residents = new Residents();
  const products = new Linear(heap, workers, activations, options.onWork, residents);
  const elementwise = new Elementwise(heap, workers, residents);
  return {
    ...reference,
    name: "wasm",
    chunk: CHUNK,
    steady: activations === "int8" ? PROMPT - 1 : CHUNK,
    threads,
    activations,
    relaxed: workers.has("probe"),
    wide: workers.wide,
    linear: (x, W, b) => products.linear(x, W, b),
    attention: (q, keys, values, D) => attention(heap, workers, q, keys, values, D),
    rmsNorm: (x, g, eps) => elementwise.rmsNorm(x, g, eps),
    rope: (x, pos, R) => elementwise.rope(x, pos, R),
    swiglu: (gate, up) => elementwise.swiglu(gate, up),
    add: (x, y) => elementwise.add(x, y),
    rows: (x, first, rows) => taken(x, first, rows) ?? reference.rows(x, first, rows),
    cache: (config, capacity, format) => cache(heap, config, capacity, format),
    download: (x) => fetched(x) ?? copied(x) ?? reference.download(x),
    scope: (f) => residents.scope(f),
    free: (x) => residents.free(x),
    workspace: (config) => workspace(config, CHUNK, threads),
    keep: (bytes) => products.keep(bytes),
    close: () => workers.close(),
  };
}

function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new UsageError("E_ARG_LIMIT", "threads", {
    expected: `a whole number from 1 to ${MOST_THREADS}`,
    actual: String(threads),
    hint: "Give as many as the machine has cores.",
  });
}
