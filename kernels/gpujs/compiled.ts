/** Kernels of gpu.js by text, output and constants, each made once. */
import { QwqError } from "../../src/errors.ts";
import type { Kernel, Mode, Text } from "./device.ts";
import type { Gpu, GpuJsModule, Result, Settings, Shortcut, Value } from "./gpujs.ts";

/** Loops whose bound is an argument end there, silently; at 1,000 unless told. No kernel here has such a loop. */
const MOST_ROUNDS = 2 ** 24;

/** Cells below which gpu.js leaves a kernel to one thread. */
const SHARED_CELLS = 4096;

export class Compiled {
  private readonly gpu: Gpu;
  private readonly mode: Mode;
  private readonly threads: number;
  private readonly known = new Map<Text, Map<string, Shortcut>>();
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
    return result;
  }

  /** The same where gpu.js does not wait: WebGL2. */
  now(kernel: Kernel, given: Value[]): Result {
    const shortcut = this.shortcut(kernel, given);
    const result = shortcut(...given) as Result;
    this.check(kernel, shortcut);
    return result;
  }

  /** WebGL2's context. */
  get context(): Gpu["context"] {
    return this.gpu.context;
  }

  private check(kernel: Kernel, shortcut: Shortcut): void {
    const ran = shortcut.kernel?.constructor.mode;
    const expected = this.mode === "webgl2" ? "gpu" : this.mode; // what gpu.js calls it
    if (shortcut.kernel !== undefined && ran !== expected) throw degraded(kernel, this.mode, ran, shortcut);
  }

  async close(): Promise<void> {
    for (const kernels of this.known.values()) for (const { kernel } of kernels.values()) delete kernel?._pool;
    this.pool?.destroy();
    this.known.clear();
    await this.gpu.destroy();
  }

  /** The kernel for arguments of these sizes, which WebAssembly and WebGL2 have in their code; WebGPU is told them. */
  private shortcut({ text, functions = [], output, constants }: Kernel, given: readonly Value[]): Shortcut {
    const kernels = this.known.get(text) ?? new Map<string, Shortcut>();
    this.known.set(text, kernels);
    const sizes = given.map(sizesOf);
    const key = JSON.stringify([output, constants, sizes]);
    const known = kernels.get(key);
    if (known !== undefined) return known;
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
      ...(this.mode === "webgl2" ? { tactic: "precision" } : {}),
    };
    const made = this.gpu.createKernel(text, settings);
    kernels.set(key, made);
    return made;
  }
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
