/** Compiled kernels, and their buffers bound to them; both are made once. */
import type { Kernel } from "./steps.ts";
import { COMPUTE, type GPUBuffer, type GPUDevice, type Opaque } from "../webgpu/webgpu.ts";

export interface Compiled {
  readonly pipeline: Opaque;
  readonly layout: Opaque;
  readonly groups: Map<string, Opaque>;
}

/** Bytes of a kernel's parameters. */
const PARAMS = 64;
/** Bindings that are kept; more come only where buffers come and go. */
const MOST = 4096;

export class Pipelines {
  private readonly device: GPUDevice;
  private readonly compiled = new Map<string, Compiled>();
  private readonly numbers = new WeakMap<GPUBuffer, number>();
  private next = 0;
  private bound = 0;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  get({ code, reads, writes }: Kernel): Compiled {
    const known = this.compiled.get(code);
    if (known !== undefined) return known;
    const { device } = this;
    const storage = (type: string) => ({ type });
    const entries = [
      { type: "uniform", hasDynamicOffset: true, minBindingSize: PARAMS },
      ...Array.from({ length: reads }, () => storage("read-only-storage")),
      ...Array.from({ length: writes }, () => storage("storage")),
    ].map((buffer, binding) => ({ binding, visibility: COMPUTE, buffer }));
    const layout = device.createBindGroupLayout({ entries });
    const pipeline = device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
    });
    const made = { pipeline, layout, groups: new Map<string, Opaque>() };
    this.compiled.set(code, made);
    return made;
  }

  /** Those buffers, bound; `params` first. */
  group({ layout, groups }: Compiled, params: GPUBuffer, buffers: readonly GPUBuffer[]): Opaque {
    const key = buffers.map((buffer) => this.number(buffer)).join();
    const known = groups.get(key);
    if (known !== undefined) return known;
    if (this.bound++ > MOST) this.forget();
    const entries = [
      { binding: 0, resource: { buffer: params, size: PARAMS } },
      ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
    ];
    const made = this.device.createBindGroup({ layout, entries });
    groups.set(key, made);
    return made;
  }

  /** Lets go of all bindings: of buffers that are no more. */
  forget(): void {
    for (const { groups } of this.compiled.values()) groups.clear();
    this.bound = 0;
  }

  private number(buffer: GPUBuffer): number {
    const known = this.numbers.get(buffer) ?? this.next++;
    this.numbers.set(buffer, known);
    return known;
  }
}
