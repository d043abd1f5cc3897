/**
 * Kernels on a GPU, by WebGPU. What they compute with stays there: every result has a buffer of its own, weights are written
 * into theirs once, and only `read` brings anything back.
 */
import { QwqError } from "../../src/errors.ts";
import { complaint, largestBuffer, lost, tooLarge } from "../webgpu/failures.ts";
import { type GPUBuffer, type GPUDevice, MAP_READ, USAGE } from "../webgpu/webgpu.ts";
import { Compiled } from "./compiled.ts";
import type { Argument, Device, Handle, Kernel, Report } from "./device.ts";
import type { BufferResult, Context, GpuJsModule, Value } from "./gpujs.ts";

class Buffer implements Handle {
  readonly result: BufferResult;
  readonly length: number;
  constructor(result: BufferResult, length: number) {
    this.result = result;
    this.length = length;
  }
}

/** Backends that are open: they have one GPU device between them, which the last one gives back. */
let open = 0;

export class GpuDevice implements Device {
  readonly report: Report;
  readonly threads = 1;
  private readonly gpujs: GpuJsModule;
  private readonly context: Context;
  private readonly device: GPUDevice;
  private readonly compiled: Compiled;
  /** What the GPU complained of. Without this it is only printed, and results are zeros. */
  private readonly complaints: Error[] = [];

  constructor(gpujs: GpuJsModule, context: Context, report: Report) {
    open++;
    this.gpujs = gpujs;
    this.report = report;
    this.context = context;
    this.device = context.device;
    this.compiled = new Compiled(gpujs, report.mode, 1);
    this.device.onuncapturederror = ({ error }) => this.complaints.push(error);
  }

  upload(name: string, length: number, fill: (into: Float32Array) => void): Handle {
    const buffer = this.buffer(name, length, true);
    fill(new Float32Array(buffer.getMappedRange(), 0, length));
    buffer.unmap();
    return this.wrap(buffer, length);
  }

  reserve(name: string, length: number): Handle {
    return this.wrap(this.buffer(name, length, false), length);
  }

  write(from: Handle, to: Handle, at: number): void {
    this.copy(bufferOf(from), 4 * from.length, bufferOf(to), 4 * at);
  }

  async run(kernel: Kernel, ...given: readonly Argument[]): Promise<Handle> {
    this.check();
    const result = (await this.compiled.run(kernel, given.map(value))) as BufferResult;
    return new Buffer(
      result,
      kernel.output.reduce((product, n) => product * n, 1),
    );
  }

  async read(from: Handle): Promise<Float32Array> {
    this.check();
    const bytes = 4 * from.length;
    const staging = this.device.createBuffer({ size: bytes, usage: USAGE.mapRead | USAGE.copyDst });
    this.copy(bufferOf(from), bytes, staging, 0);
    try {
      await staging.mapAsync(MAP_READ);
      this.check(); // what went wrong before is known by now
      return new Float32Array(staging.getMappedRange().slice(0));
    } catch (error) {
      throw error instanceof QwqError ? error : this.failed(error as Error);
    } finally {
      staging.destroy();
    }
  }

  free(handle: Handle): void {
    (handle as Buffer).result.delete();
  }

  close(): void {
    void this.compiled.close();
    if (--open === 0) void this.gpujs.WebGPUContext.destroy();
  }

  private buffer(name: string, length: number, mappedAtCreation: boolean): GPUBuffer {
    this.check();
    const { limits } = this.device;
    const size = Math.max(4, 4 * length);
    if (size > largestBuffer(limits).bytes) {
      throw tooLarge("gpujs", size, limits, { tensor: name, hint: "Give --weights int8, or --backend wgsl or wasm." });
    }
    return this.device.createBuffer({
      size,
      usage: USAGE.storage | USAGE.copySrc | USAGE.copyDst,
      mappedAtCreation,
    });
  }

  private wrap(buffer: GPUBuffer, length: number): Handle {
    const { WebGPUBufferResult } = this.gpujs;
    return new Buffer(new WebGPUBufferResult({ buffer, output: [length], context: this.context }), length);
  }

  private copy(from: GPUBuffer, bytes: number, to: GPUBuffer, at: number): void {
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, at, bytes);
    this.device.queue.submit([encoder.finish()]);
  }

  /** Throws what the GPU complained of since the last time, or that it is gone. */
  private check(): void {
    if (this.context.isLost) throw this.failed(new Error("it went away"));
    if (this.complaints.length > 0) throw this.failed(this.complaints[0]!);
  }

  private failed(error: Error): QwqError {
    const where = `gpujs on ${this.report.adapter}`;
    return this.context.isLost ? lost(where, error.message) : complaint(where, error);
  }
}

function bufferOf(handle: Handle): GPUBuffer {
  return (handle as Buffer).result.buffer;
}

/** A handle as gpu.js takes it, with the sizes by which the kernel indexes it. */
function value(given: Argument): Value {
  if (typeof given === "number") return given;
  const [handle, width] = "handle" in given ? [given.handle, given.width] : [given, given.length];
  const { result } = handle as Buffer;
  result.output = [width, handle.length / width];
  return result;
}
