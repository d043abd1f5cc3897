/**
 * The only importer of gpu.js: it chooses where kernels run, and says what it chose. gpu.js itself never picks WebGPU, and
 * falls back without a word.
 */
import { UsageError } from "../../src/errors.ts";
import { type Device, isTextures, type Mode, type Report, type TextureMode } from "./device.ts";
import { GpuDevice } from "./gpu-device.ts";
import type { GpuJsModule } from "./gpujs.ts";
import { HostDevice } from "./host-device.ts";
import { describeWebGL, TextureDevice } from "./texture-device.ts";
import { installWebGPU, NO_ADAPTER, none } from "../webgpu/open.ts";
import { type Described, describe, type GPUEntry } from "../webgpu/webgpu.ts";

/**
 * Opens a place for kernels. `auto` takes WebGPU where there is a GPU, else webasm: an adapter that is a program is several
 * times slower than that.
 *
 * throws   UsageError E_ARG_BACKEND where the mode asked for is not to be had, with the reason
 */
export async function openDevice(requested: Mode | "auto", threads: number): Promise<Device> {
  const gpujs = await load();
  const found = requested === "auto" || requested === "webgpu" ? await adapter() : undefined;
  if (requested === "webgpu" && found?.adapter === undefined) throw none("gpujs", found!.reason!);
  if (isTextures(requested)) return textures(gpujs, requested);
  const use = requested === "webgpu" || (requested === "auto" && found?.adapter !== undefined && !found.software);
  const report: Report = {
    requested,
    mode: requested === "auto" ? (use ? "webgpu" : "webasm") : requested,
    adapter: use ? found?.adapter : undefined,
    software: use && found?.software === true,
    reason: use ? undefined : found?.reason,
  };
  if (report.mode !== "webgpu") return new HostDevice(gpujs, report, threads);
  return new GpuDevice(gpujs, await gpujs.WebGPUContext.acquire(), report);
}

/** Throws UsageError where there is no such WebGL: it is a browser's. */
function textures(gpujs: GpuJsModule, mode: TextureMode): Device {
  const found = describeWebGL(mode);
  if (found !== undefined) {
    const { name: adapter, software, side } = found;
    return new TextureDevice(gpujs, { requested: mode, mode, adapter, software, reason: undefined }, side);
  }
  throw new UsageError("E_ARG_BACKEND", "gpujs", {
    expected: mode === "webgl2" ? "WebGL2" : "WebGL",
    actual: "none",
    hint: "It is there in browsers only; take --backend gpujs:webasm.",
  });
}

async function load(): Promise<GpuJsModule> {
  try {
    return ((await import("gpu.js")) as unknown as { default: GpuJsModule }).default;
  } catch (error) {
    throw new UsageError("E_ARG_BACKEND", "gpujs", {
      expected: "the package gpu.js",
      actual: (error as Error).message.split("\n")[0],
      hint: "Install it: npm install gpu.js@2.24.1 webgpu@0.6.2",
      cause: error,
    });
  }
}

/** The adapter that WebGPU offers, or why there is none; with a program, why `auto` does not take it. */
async function adapter(): Promise<Partial<Described> & { readonly reason?: string }> {
  const why = await installWebGPU();
  if (why !== undefined) return { reason: why };
  const { gpu } = (globalThis as unknown as { navigator: { gpu: GPUEntry } }).navigator;
  const adapter = await gpu.requestAdapter();
  if (adapter === null) return { reason: NO_ADAPTER };
  const found = describe(adapter);
  return {
    ...found,
    ...(found.software ? { reason: `the only adapter, ${found.adapter}, is a program and no GPU` } : {}),
  };
}
