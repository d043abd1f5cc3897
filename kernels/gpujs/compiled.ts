/** Kernels of gpu.js by text, output and constants, each made once. */
import { QwqError } from "../../src/errors.ts";
import { isTextures, type Kernel, type Mode, type Text } from "./device.ts";
import type { Gpu, GpuJsModule, InnerKernel, Result, Settings, Shortcut, Value } from "./gpujs.ts";

/** Loops whose bound is an argument end there, silently; at 1,000 unless told. No kernel here has such a loop. */
const MOST_ROUNDS = 2 ** 24;

/** Cells below which gpu.js leaves a kernel to one thread. */
const SHARED_CELLS = 4096;

/** Kernels that are kept on WebAssembly. Each has a memory, and Chromium gives no more than 125. */
const MOST_MEMORIES = 64;

export class Compiled {
  private readonly gpu: Gpu;
  private readonly mode: Mode;
  private readonly threads: number;
  private readonly known = new Map<Text, Map<string, Shortcut>>();
  /** The same kernels, last used last, and how each is forgotten. */
  private readonly recent = new Map<Shortcut, () => void>();
  /** The first kernel's threads, for all. */
  private pool: { readonly size: number; destroy(): void } | undefined;

  constructor(gpujs: GpuJsModule, mode: Mode, threads: number) {
    this.gpu = new gpujs.GPU({ mode });
    this.mode = mode;
    this.threads = threads;
  }

  /** Runs a kernel, and checks that it ran where it should: gpu.js replaces one that it cannot translate by JavaScript. */
  async run(kernel: Kernel, given: Value[]): Promise<Result> {
    const shortcut = this.shortcut(kernel, given);
    const inner = shortcut.kernel;
    if (inner !== undefined && this.pool !== undefined) inner._pool = this.pool;
    const result = await shortcut(...given);
    this.check(kernel, shortcut);
    this.pool ??= shortcut.kernel?._pool ?? undefined;
    letGo(shortcut);
    return result;
  }

  /** The same where gpu.js does not wait: WebGL. */
  now(kernel: Kernel, given: Value[]): Result {
    const shortcut = this.shortcut(kernel, given);
    const result = shortcut(...given) as Result;
    this.check(kernel, shortcut);
    return result;
  }

  /** WebGL's context. */
  get context(): Gpu["context"] {
    return this.gpu.context;
  }

  private check(kernel: Kernel, shortcut: Shortcut): void {
    if (shortcut.kernel === undefined) return;
    const ran = placeOf(shortcut.kernel);
    if (ran !== this.mode) throw degraded(kernel, this.mode, ran, shortcut);
  }

  async close(): Promise<void> {
    for (const kernels of this.known.values()) for (const { kernel } of kernels.values()) delete kernel?._pool;
    this.pool?.destroy();
    this.known.clear();
    this.recent.clear();
    await this.gpu.destroy();
  }

  /** The kernel for arguments of these sizes, which WebAssembly and WebGL have in their code; WebGPU is told them. */
  private shortcut({ text, functions = [], output, constants }: Kernel, given: readonly Value[]): Shortcut {
    const kernels = this.known.get(text) ?? new Map<string, Shortcut>();
    this.known.set(text, kernels);
    const sizes = given.map(sizesOf);
    const key = JSON.stringify([output, constants, sizes]);
    const known = kernels.get(key);
    if (known !== undefined) return this.used(known);
    const cells = output.reduce((product, n) => product * n, 1);
    const settings: Settings = {
      output,
      constants,
      functions,
      strictIntegers: true,
      precision: "single",
      pipeline: true,
      immutable: true,
      asyncMode: this.mode === "webasm" && this.threads > 1 && cells > SHARED_CELLS,
      loopMaxIterations: MOST_ROUNDS,
      poolSize: this.threads,
      ...(isTextures(this.mode) ? { tactic: "precision" } : {}),
    };
    const made = this.gpu.createKernel(text, settings);
    kernels.set(key, made);
    return this.used(made, () => kernels.delete(key));
  }

  /** The kernel, as the last that was used; on WebAssembly the one that was used longest ago makes room for a new one. */
  private used(kernel: Shortcut, forget = this.recent.get(kernel)!): Shortcut {
    this.recent.delete(kernel);
    this.recent.set(kernel, forget);
    if (this.mode === "webasm" && this.recent.size > MOST_MEMORIES) {
      const [[oldest, forgetIt] = []] = this.recent;
      forgetIt!();
      this.recent.delete(oldest!);
      if (oldest!.kernel !== undefined) dropMemory(oldest!.kernel);
    }
    return kernel;
  }
}

/** Ends a kernel of WebAssembly, here and in the threads, which others go on to use: its own `destroy` would end them. */
function dropMemory(kernel: InnerKernel): void {
  for (const entry of kernel._moduleCache?.values() ?? []) kernel._releaseEntry?.(entry);
  kernel._moduleCache?.clear();
  delete kernel._pool;
  kernel.destroy();
}

/** A kernel of WebGPU keeps its last result until it runs again, which may be never. Here only those who use it do. */
function letGo({ kernel }: Shortcut): void {
  if (kernel?.outputBuffer === undefined || kernel.outputBuffer === null) return;
  kernel.outputBuffer._refs--;
  kernel.outputBuffer = null;
}

/** Where a kernel ran. gpu.js calls both versions of WebGL "gpu"; its context is of one of them. */
function placeOf({ constructor, context }: InnerKernel): string | undefined {
  if (constructor.mode !== "gpu") return constructor.mode;
  const { WebGL2RenderingContext: Second } = globalThis as { WebGL2RenderingContext?: new () => object };
  return Second !== undefined && context instanceof Second ? "webgl2" : "webgl";
}

/** What of an argument is part of a kernel's code. */
function sizesOf(one: Value): readonly unknown[] | undefined {
  if (typeof one === "number" || !("size" in one)) return undefined;
  return "dimensions" in one ? [one.constructor.name, one.size[0], one.size[1], one.dimensions] : one.size;
}

function degraded({ text }: Kernel, mode: Mode, ran: string | undefined, { kernel }: Shortcut): QwqError {
  return new QwqError("E_INTERNAL", `gpujs: kernel ${text.name}`, {
    expected: `to run on ${mode}`,
    actual: `${ran}: ${kernel?.fallbackReason ?? "no reason was given"}`,
  });
}
