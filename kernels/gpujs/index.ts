/**
 * The gpujs backend: kernels that are TypeScript, translated by gpu.js to WebGPU, WebAssembly or JavaScript.
 */
import { availableParallelism } from "node:os";
import { UsageError } from "../../src/errors.ts";
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import { type AnyTensor, host } from "../../src/tensor.ts";
import { openDevice } from "./adapter.ts";
import { cache } from "./cache.ts";
import { type Mode, MODES, type Report } from "./device.ts";
import { add, attention, linear, rmsNorm, rope, rows, swiglu, Tables } from "./equations.ts";
import { type Resident, tensor, Work } from "./resident.ts";
import { Matrices, type Rounded, type WeightForm } from "./weights.ts";

export type { Mode, Report } from "./device.ts";
export type { Rounded, WeightForm } from "./weights.ts";

/** How the kernels run. */
export interface GpuJsOptions {
  /** Where; unless told a GPU where there is one, else webasm. */
  readonly mode?: Mode | "auto" | undefined;
  /** How many threads webasm has; as many as the machine runs at once unless told. */
  readonly threads?: number | undefined;
  /** What becomes of weights that are not integers with scales; unless told, float32 up to 1 GiB of them, then int8. */
  readonly weights?: WeightForm | undefined;
  /** Told once, with the format of the weights, that some of them are rounded to int8. */
  readonly onRounded?: ((format: string) => void) | undefined;
  /** Called before each kernel; what it throws ends the work. */
  readonly onWork?: (() => void) | undefined;
}

/** The kernels as a backend. It holds the device until it is closed. */
export interface GpuJs extends Ops {
  /** What was asked for, and what runs. */
  readonly report: Report;
  /** What was rounded to int8 so far. */
  readonly rounded: Rounded;
  /** Bytes on the device: of matrices, and of keys and values. */
  readonly bytes: { readonly weights: number; readonly cache: number };
  readonly threads: number;
  close(): void;
}

/**
 * Starts the kernels.
 *
 * throws   UsageError E_ARG_BACKEND for a mode that there is not, with the reason
 */
export async function gpujsBackend(options: GpuJsOptions = {}): Promise<GpuJs> {
  const { mode = "auto", threads = availableParallelism(), weights = "auto" } = options;
  const { onWork = () => undefined, onRounded = () => undefined } = options;
  const device = await openDevice(mode, threads);
  const work = new Work(device, onWork);
  const matrices = new Matrices(device, weights, onRounded);
  const caches = { bytes: 0 };
  const tables = new Tables(work);
  return {
    name: `gpujs:${device.report.mode}`,
    report: device.report,
    threads: device.threads,
    get rounded() {
      return matrices.rounded;
    },
    get bytes() {
      return { weights: matrices.bytes, cache: caches.bytes };
    },
    embed: (E, ids) => tensor(work.upload(reference.embed(E, ids) as unknown as AnyTensor & { data: Float32Array })),
    rmsNorm: (x, g, eps) => tensor(rmsNorm(work, x, g, eps)),
    linear: (x, W, b) => tensor(linear(work, matrices, x, W, b)),
    rope: (x, pos, R) => tensor(rope(work, tables, x, pos, R)),
    attention: (q, keys, values, D) => tensor(attention(work, q, keys, values, D)),
    swiglu: (gate, up) => tensor(swiglu(work, gate, up)),
    add: (x, y) => tensor(add(work, x, y)),
    rows: (x, first, count) => tensor(rows(work, x, first, count)),
    cache(config, capacity, format) {
      matrices.decide(config);
      return cache(work, caches, config, capacity, format);
    },
    upload: (x) => tensor(work.own(x, "upload")),
    download: async (x) => host(x.shape, await work.download(work.own(x, "download"))),
    scope: (f) => work.scope(f),
    free: (x) => work.free(work.own(x, "free")),
    later: true,
    keep: (_, room) => matrices.keep(room),
    close: () => device.close(),
  };
}

/** The mode in `gpujs`, `gpujs:webasm`, ...; undefined for any other backend's name. Throws UsageError for no such mode. */
export function gpujsMode(name: string): Mode | "auto" | undefined {
  const [backend, mode, ...rest] = name.split(":");
  if (backend !== "gpujs") return undefined;
  if (mode === undefined) return "auto";
  const known = MODES.find((one) => one === mode);
  if (known !== undefined && rest.length === 0) return known;
  throw new UsageError("E_ARG_BACKEND", "--backend", {
    expected: `gpujs or one of ${MODES.map((one) => `gpujs:${one}`).join(", ")}`,
    actual: name,
    hint: "webgl2 and webgl run in browsers only.",
  });
}
export type { Resident };
