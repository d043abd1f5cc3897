/** Where the equations run in a browser: what was asked for, what there is, and what was taken. */
import type { Mode } from "../../kernels/gpujs/index.ts";
import { type Wasm, wasmBackend } from "../../kernels/wasm/index.ts";
import { wgslBackend } from "../../kernels/wgsl/index.ts";
import { QwqError, UsageError } from "../errors.ts";
import type { Ops } from "../ops.ts";
import { reference } from "../reference/index.ts";
import type { BackendName, Loaded, Report } from "./messages.ts";

/** A backend, ready, and what is to be said of it. */
export interface Opened {
  readonly ops: Ops;
  readonly report: Report;
}

type Options = Pick<Loaded, "threads" | "activations" | "relaxed">;
type Open = (requested: string, options: Options) => Promise<Opened>;

const OPEN: Readonly<Record<BackendName, Open>> = {
  auto,
  wgsl: async (requested) => {
    const ops = await wgslBackend({ requested });
    return { ops, report: { ...ops.report, threads: 1, relaxed: false, reason: undefined } };
  },
  "gpujs:webgpu": gpujs("webgpu"),
  "gpujs:webgl2": gpujs("webgl2"),
  "gpujs:webgl": gpujs("webgl"),
  "gpujs:webasm": gpujs("webasm"),
  wasm: async (requested, options) => ofWasm(await wasmBackend(options), requested, undefined),
  reference: async (requested) => ofReference(requested, undefined),
};

/**
 * Opens a backend. One that is asked for by name and is not there is an error, never another one.
 *
 * throws   UsageError E_ARG_BACKEND
 */
export async function openBackend(name: BackendName, options: Options): Promise<Opened> {
  const open = OPEN[name] as Open | undefined;
  if (open !== undefined) return open(name, options);
  throw new UsageError("E_ARG_BACKEND", "backend", {
    expected: `one of ${Object.keys(OPEN).join(", ")}`,
    actual: String(name),
    hint: "Choose one of these.",
  });
}

/**
 * WebGPU where it is a GPU's; else WebAssembly, than which a GPU played by a program is slower (docs/gpu.md); else the
 * reference.
 */
async function auto(requested: string, options: Options): Promise<Opened> {
  let reason: string;
  try {
    const { ops, report } = await OPEN.wgsl(requested, options);
    if (!report.software) return { ops, report: { ...report, reason: "this device's GPU answers to WebGPU" } };
    ops.close?.();
    reason = `the only WebGPU adapter is a program (${report.adapter ?? ""}), slower than WebAssembly`;
  } catch (error) {
    if (!(error instanceof QwqError)) throw error;
    reason = "this browser gives no WebGPU adapter";
  }
  try {
    return ofWasm(await wasmBackend(options), requested, reason);
  } catch (error) {
    if (!(error instanceof QwqError) || error.code !== "E_ARG_BACKEND") throw error;
    return ofReference(requested, `${reason}, and no WebAssembly SIMD`);
  }
}

function gpujs(mode: Mode): Open {
  return async (requested, { threads }) => {
    const { gpujsBackend } = await import("../../kernels/gpujs/index.ts");
    const ops = await gpujsBackend({ mode, threads: crossOriginIsolated ? threads : 1 });
    const { adapter, software, reason } = ops.report;
    const report = { requested, mode: ops.name, adapter, software, reason, threads: ops.threads, relaxed: false };
    return { ops, report };
  };
}

function ofWasm(ops: Wasm, requested: string, reason: string | undefined): Opened {
  const { threads, relaxed } = ops;
  return { ops, report: { requested, mode: "wasm", adapter: undefined, software: true, reason, threads, relaxed } };
}

function ofReference(requested: string, reason: string | undefined): Opened {
  const rest = { adapter: undefined, software: true, reason, threads: 1, relaxed: false };
  return { ops: reference, report: { requested, mode: "reference", ...rest } };
}
