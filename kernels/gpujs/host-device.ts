/** Kernels on this computer's processor: WebAssembly, or JavaScript. What they compute with lies in ordinary arrays. */
import { Compiled } from "./compiled.ts";
import type { Argument, Device, Handle, Kernel, Report } from "./device.ts";
import { flat } from "./flat.ts";
import type { GpuJsModule, Nested, Value } from "./gpujs.ts";

class Numbers implements Handle {
  readonly data: Float32Array;
  constructor(data: Float32Array) {
    this.data = data;
  }
  get length(): number {
    return this.data.length;
  }
}

export class HostDevice implements Device {
  readonly report: Report;
  readonly threads: number;
  private readonly gpujs: GpuJsModule;
  private readonly compiled: Compiled;

  constructor(gpujs: GpuJsModule, report: Report, threads: number) {
    this.gpujs = gpujs;
    this.report = report;
    this.threads = report.mode === "webasm" ? threads : 1;
    this.compiled = new Compiled(gpujs, report.mode, this.threads);
  }

  upload(_: string, length: number, fill: (into: Float32Array) => void): Handle {
    const data = new Float32Array(length);
    fill(data);
    return new Numbers(data);
  }

  reserve(name: string, length: number): Handle {
    return this.upload(name, length, () => undefined);
  }

  write(from: Handle, to: Handle, at: number): void {
    dataOf(to).set(dataOf(from), at);
  }

  async run(kernel: Kernel, ...given: readonly Argument[]): Promise<Handle> {
    const result = await this.compiled.run(
      kernel,
      given.map((one) => this.value(one)),
    );
    return new Numbers(flat(result as Nested));
  }

  async read(from: Handle): Promise<Float32Array> {
    return dataOf(from);
  }

  free(): void {
    // The collector does.
  }

  close(): void {
    void this.compiled.close();
  }

  private value(given: Argument): Value {
    if (typeof given === "number") return given;
    const { Input } = this.gpujs;
    if (!("handle" in given)) return new Input(dataOf(given), [given.length]);
    return new Input(dataOf(given.handle), [given.width, given.handle.length / given.width]);
  }
}

function dataOf(handle: Handle): Float32Array {
  return (handle as Numbers).data;
}
