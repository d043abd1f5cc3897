/** WebGPU, and its adapter: a browser's own, or under Node the package `webgpu` (Dawn). */
import { UsageError } from "../../src/errors.ts";
import type { GPUAdapter, GPUEntry } from "./webgpu.ts";

interface Host {
  navigator?: { gpu?: GPUEntry };
}

let found: Promise<GPUEntry | string> | undefined;

/** WebGPU; or, in words, why there is none. */
export function findWebGPU(): Promise<GPUEntry | string> {
  found ??= find();
  return found;
}

/** Puts Node's WebGPU where a browser has it, `navigator.gpu`: gpu.js looks there. Comes back with why that cannot be. */
export async function installWebGPU(): Promise<string | undefined> {
  const gpu = await findWebGPU();
  if (typeof gpu === "string") return gpu;
  const host = globalThis as Host;
  if (host.navigator?.gpu !== undefined) return undefined;
  if (host.navigator === undefined) Object.defineProperty(host, "navigator", { value: {}, configurable: true });
  Object.defineProperty(host.navigator, "gpu", { value: gpu, configurable: true });
  return undefined;
}

/**
 * WebGPU and its adapter.
 *
 * throws   UsageError E_ARG_BACKEND where there is none, for the backend `where`
 */
export async function openAdapter(where: string): Promise<{ entry: GPUEntry; adapter: GPUAdapter }> {
  const entry = await findWebGPU();
  if (typeof entry === "string") throw none(where, entry);
  const adapter = await entry.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw none(where, NO_ADAPTER);
  return { entry, adapter };
}

/** Why there is none where there is WebGPU. */
export const NO_ADAPTER = "the system offers no GPU to WebGPU";

/** What is said where WebGPU was asked for and is not there. */
export function none(where: string, reason: string): UsageError {
  return new UsageError("E_ARG_BACKEND", where, {
    expected: "a WebGPU adapter",
    actual: `none: ${reason}`,
    hint: "Install the GPU's driver (on Linux Vulkan's, with libvulkan1), or take --backend wasm.",
  });
}

async function find(): Promise<GPUEntry | string> {
  const own = (globalThis as Host).navigator?.gpu;
  if (own !== undefined) return own;
  if (typeof process === "undefined" || process.versions?.node === undefined) return "this browser has no WebGPU";
  let dawn: GPUEntry;
  try {
    const { create } = (await import("webgpu")) as unknown as { create(flags: readonly string[]): GPUEntry };
    dawn = create([]);
  } catch (error) {
    return `the package webgpu does not load here (${(error as Error).message.split("\n")[0]})`;
  }
  return {
    ...(dawn.wgslLanguageFeatures === undefined ? {} : { wgslLanguageFeatures: dawn.wgslLanguageFeatures }),
    // gpu.js asks for no kind of adapter: where there are two GPUs, that may be the slower one.
    requestAdapter: (options) => dawn.requestAdapter({ powerPreference: "high-performance", ...options }),
  };
}
