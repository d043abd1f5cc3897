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
    const ran = shortcut.kernel?.constructor.mode;
    if (shortcut.kernel !== undefined && ran !== this.mode) throw degraded(kernel, this.mode, ran, shortcut);
    this.pool ??= shortcut.kernel?._pool ?? undefined;
    return result;
  }

  async close(): Promise<void> {
    for (const kernels of this.known.values()) for (const { kernel } of kernels.values()) delete kernel?._pool;
    this.pool?.destroy();
    this.known.clear();
    await this.gpu.destroy();
  }

  /** The kernel for arguments of these sizes, which WebAssembly has in its code; a GPU is told them. */
  private shortcut({ text, functions = [], output, constants }: Kernel, given: readonly Value[]): Shortcut {
    const kernels = this.known.get(text) ?? new Map<string, Shortcut>();
    this.known.set(text, kernels);
    const sizes = given.map((one) => (typeof one === "object" && "size" in one ? one.size : undefined));
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
    };
    const made = this.gpu.createKernel(text, settings);
    kernels.set(key, made);
    return made;
  }
}

function degraded({ text }: Kernel, mode: Mode, ran: string | undefined, { kernel }: Shortcut): QwqError {
  return new QwqError("E_INTERNAL", `gpujs: kernel ${text.name}`, {
    expected: `to run on ${mode}`,
    actual: `${ran}: ${kernel?.fallbackReason ?? "no reason was given"}`,
  });
}
