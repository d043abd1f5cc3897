/** Buffers of a device: taken, given back, and counted. */
import { largestBuffer, tooLarge } from "../webgpu/failures.ts";
import { type GPUBuffer, type GPUDevice, USAGE } from "../webgpu/webgpu.ts";

/** Of what tensors lie in. */
const STORAGE = USAGE.storage | USAGE.copySrc | USAGE.copyDst;

export class Pool {
  /** Bytes of all buffers that exist. */
  bytes = 0;
  private readonly device: GPUDevice;
  private readonly idle = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** A buffer of at least so many bytes, with whatever is in it. Sizes are powers of two, so that few are made. */
  take(bytes: number): GPUBuffer {
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));
    return this.idle.get(size)?.pop() ?? this.fresh(size);
  }

  /** Gives one back that `take` gave. What runs before the next taker's kernels still finds it. */
  give(buffer: GPUBuffer): void {
    const others = this.idle.get(buffer.size);
    if (others === undefined) this.idle.set(buffer.size, [buffer]);
    else others.push(buffer);
  }

  /** A new buffer of zeros. Throws LimitError E_LIMIT_GPU beyond what the device allows for one. */
  fresh(bytes: number): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    const { limits } = this.device;
    if (size > largestBuffer(limits).bytes) {
      throw tooLarge("wgsl", size, limits, { hint: "Take a shorter context, a smaller model, or --backend wasm." });
    }
    const buffer = this.device.createBuffer({ size, usage: STORAGE });
    this.bytes += size;
    return buffer;
  }

  /** Ends a buffer, after what was sent. */
  end(buffer: GPUBuffer): void {
    this.bytes -= buffer.size;
    buffer.destroy();
  }

  /** Forgets all of them. */
  clear(): void {
    this.idle.clear();
    this.bytes = 0;
  }
}
