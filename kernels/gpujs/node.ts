/**
 * WebGPU in Node: the `webgpu` package (Dawn), put where a browser has it, `navigator.gpu`, since gpu.js looks there.
 */
import type { GPUEntry } from "./webgpu.ts";

interface Dawn {
  create(flags: readonly string[]): GPUEntry;
}

let installed: Promise<string | undefined> | undefined;

/** Installs `navigator.gpu` once, unless it is there. Comes back with why that cannot be. */
export function installWebGPU(): Promise<string | undefined> {
  installed ??= install();
  return installed;
}

async function install(): Promise<string | undefined> {
  const host = globalThis as { navigator?: { gpu?: GPUEntry } };
  if (host.navigator?.gpu !== undefined) return undefined;
  let dawn: GPUEntry;
  try {
    const { create } = (await import("webgpu")) as unknown as Dawn;
    dawn = create([]);
  } catch (error) {
    return `the package webgpu does not load here (${(error as Error).message.split("\n")[0]})`;
  }
  const gpu: GPUEntry = {
    ...(dawn.wgslLanguageFeatures === undefined ? {} : { wgslLanguageFeatures: dawn.wgslLanguageFeatures }),
    // gpu.js asks for no kind of adapter: where there are two GPUs, that may be the slower one.
    requestAdapter: (options) => dawn.requestAdapter({ powerPreference: "high-performance", ...options }),
  };
  if (host.navigator === undefined) Object.defineProperty(host, "navigator", { value: {}, configurable: true });
  Object.defineProperty(host.navigator, "gpu", { value: gpu, configurable: true });
  return undefined;
}
