/** The modes of gpujs that this machine has, and what goes on between them and the device. */
import { gpujsBackend, type GpuJs, type GpuJsOptions, type Mode } from "../../kernels/gpujs/index.ts";
import { UsageError } from "../../src/errors.ts";

/** A backend in this mode, or why there is none. */
export async function opened(mode: Mode, options: GpuJsOptions = {}): Promise<GpuJs | string> {
  try {
    return await gpujsBackend({ ...options, mode });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** Where QWQ_GPU says that it must be there, a missing adapter is a failure and no skip. */
export const REQUIRED: boolean = process.env["QWQ_GPU"] === "1";

/** The title of a suite that needs what `backend` is, or says why not. */
export function titled(title: string, backend: GpuJs | string): string {
  return typeof backend === "string" ? `${title} (skipped: ${backend})` : title;
}

interface GPUBuffer {
  readonly size: number;
  readonly usage: number;
  destroy(): void;
}

interface Device {
  createBuffer(of: { size: number; usage: number; mappedAtCreation?: boolean }): GPUBuffer;
  destroy(): void;
}

/** Every buffer of the device, counted by wrapping createBuffer. */
export class Buffers {
  /** Sizes in bytes of those that live. */
  readonly living = new Map<GPUBuffer, number>();
  peak = 0;
  /** Sizes of what was read back, and of what was brought, in order. */
  readonly readBack: number[] = [];
  readonly brought: number[] = [];
  readonly device: Device;
  private readonly original: Device["createBuffer"];

  constructor(device: Device) {
    this.device = device;
    this.original = device.createBuffer.bind(device);
    device.createBuffer = (of) => {
      const buffer = this.original(of);
      if ((of.usage & 1) !== 0) this.readBack.push(of.size);
      else this.living.set(buffer, of.size);
      if (of.mappedAtCreation) this.brought.push(of.size);
      this.peak = Math.max(this.peak, this.bytes);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        this.living.delete(buffer);
        destroy();
      };
      return buffer;
    };
  }

  get bytes(): number {
    return [...this.living.values()].reduce((sum, size) => sum + size, 0);
  }

  /** The device that gpu.js has. */
  static async watch(): Promise<Buffers> {
    const { default: gpujs } = (await import("gpu.js")) as unknown as {
      default: { WebGPUContext: { acquire(): Promise<{ device: Device }> } };
    };
    return new Buffers((await gpujs.WebGPUContext.acquire()).device);
  }

  stop(): void {
    this.device.createBuffer = this.original;
  }
}
