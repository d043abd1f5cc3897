/**
 * A device and what is to run on it. Kernels are put down in order and go out together, in one submission, when a result is
 * asked for; only then is it known which tensors nobody needs any more, so that each gives its place to the next.
 */
import { complaint, largestBuffer, lost } from "../webgpu/failures.ts";
import { openAdapter } from "../webgpu/open.ts";
import { type Described, describe, type GPUBuffer, type GPUDevice, MAP_READ, USAGE } from "../webgpu/webgpu.ts";
import { Pool } from "./pool.ts";
import { type Compiled, Pipelines } from "./pipelines.ts";
import { collect, type Kernel, lastUses, type Place, type Step } from "./steps.ts";
import { Remote } from "./tensor.ts";

export type { Kernel, Place } from "./steps.ts";

/** What runs. */
export interface Report extends Described {
  readonly requested: string;
  readonly mode: "wgsl";
}

/** Dynamic offsets of uniform buffers are multiples of it. */
const ALIGN = 256;

/** A number's bits, as a parameter of type f32. */
export function bits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

export class Device {
  readonly report: Report;
  /** Whether WGSL has dot4I8Packed and unpack4xI8. */
  readonly packed: boolean;
  readonly pool: Pool;
  private readonly device: GPUDevice;
  private readonly pipelines: Pipelines;
  private steps: Step[] = [];
  private scopes: Remote[][] = [];
  /** Whether a result was asked for within a scope, at whose end everything goes out. */
  private asked = false;
  /** Tensors whose scope is over, that have a place still; buffers to be ended when what uses them is sent. */
  private dead: Remote[] = [];
  private retired: GPUBuffer[] = [];
  private params: GPUBuffer | undefined;
  private problem: Error | undefined;
  private closed = false;
  private readonly forgotten = new FinalizationRegistry<GPUBuffer>((buffer) => this.pool.give(buffer));

  private constructor(device: GPUDevice, report: Report, packed: boolean) {
    this.device = device;
    this.report = report;
    this.packed = packed;
    this.pool = new Pool(device);
    this.pipelines = new Pipelines(device);
    device.onuncapturederror = ({ error }) => (this.problem ??= complaint(this.where, error));
    void device.lost.then(({ message }) => {
      if (!this.closed) this.problem = lost(this.where, message);
    });
  }

  /** Throws UsageError E_ARG_BACKEND where there is no WebGPU. */
  static async open(requested: string): Promise<Device> {
    const { entry, adapter } = await openAdapter("wgsl");
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
    const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
    const packed = entry.wgslLanguageFeatures?.has("packed_4x8_integer_dot_product") ?? false;
    return new Device(device, { requested, mode: "wgsl", ...describe(adapter) }, packed);
  }

  /** The first words of what went wrong on it. */
  private get where(): string {
    return `wgsl on ${this.report.adapter}`;
  }

  /** The most bytes that one buffer may have. */
  get most(): number {
    return largestBuffer(this.device.limits).bytes;
  }

  /** A tensor that kernels will write. */
  make(shape: readonly number[]): Remote {
    const tensor = new Remote(shape, this);
    this.scopes.at(-1)?.push(tensor);
    return tensor;
  }

  /** Puts a kernel down. */
  run(
    kernel: Kernel,
    reads: readonly Place[],
    writes: readonly Place[],
    params: readonly number[],
    groups: readonly [x: number, y: number, z: number],
  ): void {
    if (this.problem !== undefined) throw this.problem;
    this.steps.push({ kernel, reads, writes, params, groups });
  }

  /** Numbers of this computer, as a tensor. */
  upload(shape: readonly number[], data: Float32Array): Remote {
    if (this.problem !== undefined) throw this.problem;
    if (this.steps.length > 0) this.flush(); // what is written overtakes what is only put down
    const tensor = this.make(shape);
    this.device.queue.writeBuffer(this.placed(tensor), 0, data);
    return tensor;
  }

  /** Numbers of this computer as a tensor that stays as long as somebody holds it. */
  constantTensor(shape: readonly number[], data: Float32Array): Remote {
    const tensor = new Remote(shape, this);
    tensor.buffer = this.constant(data.byteLength);
    this.device.queue.writeBuffer(tensor.buffer, 0, data);
    return tensor;
  }

  /** A buffer that stays until it is given up; `write` fills it. */
  constant(bytes: number): GPUBuffer {
    if (this.problem !== undefined) throw this.problem;
    return this.pool.fresh(bytes);
  }

  /** Ends such a buffer, after what was put down. */
  retire(buffer: GPUBuffer): void {
    if (this.closed) return;
    this.retired.push(buffer);
    if (this.steps.length === 0) this.bury();
  }

  /** Copies a part of a tensor: bytes from byte `at` on. */
  copy(from: Place, at: number, to: Place, bytes: number): void {
    this.steps.push({ from, at, to, bytes });
  }

  /** Writes to a buffer that no kernel which is put down reads. */
  write(to: GPUBuffer, at: number, data: ArrayBufferView): void {
    this.device.queue.writeBuffer(to, at, data);
  }

  /** Runs `f` and frees what it made, except what it returns. */
  scope<R>(f: () => R): R {
    const made: Remote[] = [];
    this.scopes.push(made);
    try {
      const result = f();
      const kept = new Set<Remote>();
      collect(result, kept);
      for (const tensor of made) if (!kept.has(tensor)) tensor.live = false;
      this.scopes.at(-2)?.push(...[...kept].filter((tensor) => made.includes(tensor)));
      return result;
    } catch (error) {
      for (const tensor of made) tensor.live = false;
      throw error;
    } finally {
      this.scopes.pop();
      this.dead.push(...made.filter(({ live, buffer }) => !live && buffer !== undefined));
      if (this.asked && this.scopes.length === 0) this.flush();
      else if (this.steps.length === 0) this.bury();
    }
  }

  /** Frees a tensor after what was put down. */
  free(tensor: Remote): void {
    tensor.live = false;
    this.dead.push(tensor);
    if (this.steps.length === 0) this.bury();
  }

  /** The numbers of a tensor. What went wrong on the device since the last one is thrown here. */
  async read(from: Place, length: number): Promise<Float32Array<ArrayBuffer>> {
    const bytes = 4 * length;
    if (this.problem !== undefined) throw this.problem;
    const staging = this.device.createBuffer({ size: bytes, usage: USAGE.mapRead | USAGE.copyDst });
    this.copy(from, 0, staging, bytes);
    if (this.scopes.length === 0) this.flush();
    else this.asked = true;
    await this.arrived(staging);
    const values = new Float32Array(staging.getMappedRange().slice(0));
    staging.unmap();
    staging.destroy();
    return values;
  }

  /** Frees everything. */
  close(): void {
    this.closed = true;
    this.device.destroy();
    this.pool.clear();
    this.steps = [];
  }

  private async arrived(staging: GPUBuffer): Promise<void> {
    while (this.asked) await Promise.resolve(); // its scope ends in the same turn
    try {
      await staging.mapAsync(MAP_READ);
    } catch (error) {
      throw (this.problem ??= lost(this.where, error instanceof Error ? error.message : String(error)));
    }
    if (this.problem !== undefined) throw this.problem;
  }

  /** Sends everything that was put down. */
  private flush(): void {
    const { steps } = this;
    this.steps = [];
    this.asked = false;
    if (steps.length === 0) return;
    const last = lastUses(steps);
    const encoder = this.device.createCommandEncoder();
    this.writeParams(steps);
    let pass: ReturnType<typeof encoder.beginComputePass> | undefined;
    steps.forEach((step, i) => {
      if ("kernel" in step) {
        const of = this.pipelines.get(step.kernel);
        const writes = step.writes.map((place) => this.placed(place));
        const group = this.group(of, [...step.reads.map((place) => this.placed(place)), ...writes]);
        pass ??= encoder.beginComputePass();
        pass.setPipeline(of.pipeline);
        pass.setBindGroup(0, group, [i * ALIGN]);
        pass.dispatchWorkgroups(...step.groups);
      } else {
        pass?.end();
        pass = undefined;
        encoder.copyBufferToBuffer(this.placed(step.from), step.at, this.placed(step.to), 0, step.bytes);
      }
      for (const tensor of last[i]!) if (!tensor.live) this.end(tensor);
    });
    pass?.end();
    this.device.queue.submit([encoder.finish()]);
    this.bury();
  }

  private bury(): void {
    for (const tensor of this.dead) this.end(tensor);
    for (const buffer of this.retired) this.pool.end(buffer);
    if (this.retired.length > 0) this.pipelines.forget(); // they bind what is no more
    this.dead = [];
    this.retired = [];
  }

  private group(of: Compiled, buffers: readonly GPUBuffer[]) {
    return this.pipelines.group(of, this.params!, buffers);
  }

  /** Where a tensor lies; it gets its place when it is first written. */
  private placed(place: Place): GPUBuffer {
    if (!(place instanceof Remote)) return place;
    if (place.buffer === undefined) {
      place.buffer = this.pool.take(4 * place.length);
      this.forgotten.register(place, place.buffer, place);
    }
    return place.buffer;
  }

  private end(tensor: Remote): void {
    if (tensor.buffer === undefined) return;
    this.forgotten.unregister(tensor);
    this.pool.give(tensor.buffer);
    tensor.buffer = undefined;
  }

  private writeParams(steps: readonly Step[]): void {
    const bytes = steps.length * ALIGN;
    if (this.params === undefined || this.params.size < bytes) {
      this.params?.destroy();
      this.params = this.device.createBuffer({ size: 2 * bytes, usage: USAGE.uniform | USAGE.copyDst });
      this.pipelines.forget();
    }
    const words = new Uint32Array(bytes / 4);
    steps.forEach((step, i) => "kernel" in step && words.set(step.params, (i * ALIGN) / 4));
    this.device.queue.writeBuffer(this.params, 0, words);
  }
}
