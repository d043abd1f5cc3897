/** Keys and values on the device, in float32: buffers that double as tokens come. */
import type { Config } from "../../src/config.ts";
import { UsageError } from "../../src/errors.ts";
import type { CacheFormat, LayerCache } from "../../src/ops.ts";
import { full } from "../../src/reference/cache.ts";
import { checkRows } from "../../src/reference/unwrap.ts";
import type { AnyTensor, Tensor } from "../../src/tensor.ts";
import type { Kept } from "./attention.ts";
import type { Device, Kernel } from "./device.ts";
import type { Remote } from "./tensor.ts";
import { BUILTINS, FLAT, groupsOf, head } from "./text.ts";
import type { GPUBuffer } from "../webgpu/webgpu.ts";

/** Writes the rows of new tokens behind those that are there, keys and values at once. */
const APPEND: Kernel = {
  name: "append",
  reads: 2,
  writes: 2,
  code: `${head(["length", "at"], ["k", "v"], ["keys", "values"])}
@compute @workgroup_size(64) fn main(${BUILTINS}) {
  let i = ${FLAT};
  if (i < p.length) {
    keys[p.at + i] = k[i];
    values[p.at + i] = v[i];
  }
}`,
};

/** Rows of a cache as attention reads them. */
export class Rows implements Kept {
  readonly shape: readonly number[];
  readonly place: GPUBuffer;

  constructor(shape: readonly number[], place: GPUBuffer) {
    this.shape = shape;
    this.place = place;
  }
}

/** What is left of a cache that nobody holds any more. */
interface Buffers {
  keys: GPUBuffer | undefined;
  values: GPUBuffer | undefined;
  /** Bytes of all caches. */
  readonly all: { bytes: number };
}

class RemoteCache implements LayerCache {
  length = 0;
  private readonly device: Device;
  private readonly width: number;
  private readonly capacity: number;
  private readonly open: (x: AnyTensor) => Remote;
  private room = 0;
  private readonly buffers: Buffers;

  constructor(device: Device, open: (x: AnyTensor) => Remote, width: number, capacity: number, buffers: Buffers) {
    this.device = device;
    this.open = open;
    this.width = width;
    this.capacity = capacity;
    this.buffers = buffers;
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> } {
    const { device, width, length } = this;
    checkRows(k, width, "cache", "k");
    checkRows(v, width, "cache", "v");
    const rows = k.shape[0]!;
    const S = length + rows;
    if (S > this.capacity) throw full(this.capacity, S);
    this.grow(S);
    const [keys, values] = [this.buffers.keys!, this.buffers.values!];
    const count = rows * width;
    device.run(APPEND, [this.open(k), this.open(v)], [keys, values], [count, length * width], groupsOf(count));
    this.length = S;
    return { keys: tensor(new Rows([S, width], keys)), values: tensor(new Rows([S, width], values)) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }

  /** Room for S rows: twice as many as before, at least 64, at most the capacity. */
  private grow(S: number): void {
    if (S <= this.room) return;
    const { device, width, buffers } = this;
    this.room = Math.min(Math.max(S, 2 * this.room, 64), this.capacity);
    for (const name of ["keys", "values"] as const) {
      const old = buffers[name];
      const next = device.constant(4 * width * this.room);
      buffers[name] = next;
      buffers.all.bytes += next.size - (old?.size ?? 0);
      if (old === undefined) continue;
      if (this.length > 0) device.copy(old, 0, next, 4 * width * this.length);
      device.retire(old);
    }
  }
}

/** The one cast from a cache's rows to the page's tensor. */
function tensor(rows: Rows): Tensor<"S KD"> {
  return rows as unknown as Tensor<"S KD">;
}

/** The caches of a device. Those that nobody holds any more give their buffers back. */
export class Caches {
  private readonly device: Device;
  private readonly open: (x: AnyTensor) => Remote;
  private readonly all = { bytes: 0 };
  private readonly unused: FinalizationRegistry<Buffers>;

  constructor(device: Device, open: (x: AnyTensor) => Remote) {
    this.device = device;
    this.open = open;
    this.unused = new FinalizationRegistry(({ keys, values }) => {
      for (const buffer of [keys, values]) {
        this.all.bytes -= buffer?.size ?? 0;
        if (buffer !== undefined) device.retire(buffer);
      }
    });
  }

  /** Bytes of keys and values on the device. */
  get bytes(): number {
    return this.all.bytes;
  }

  /**
   * One empty cache a layer, for at most `capacity` tokens.
   *
   * throws   UsageError E_ARG_BACKEND for formats but float32
   */
  cache(config: Config, capacity: number, format: CacheFormat = "f32"): LayerCache[] {
    if (format !== "f32") {
      throw new UsageError("E_ARG_BACKEND", "wgsl", {
        expected: "keys and values in f32",
        actual: format,
        hint: "Give --kv f32, or --backend wasm.",
      });
    }
    const { layers, keyHeads, headSize } = config;
    return Array.from({ length: layers }, () => {
      const buffers: Buffers = { keys: undefined, values: undefined, all: this.all };
      const made = new RemoteCache(this.device, this.open, keyHeads * headSize, capacity, buffers);
      this.unused.register(made, buffers);
      return made;
    });
  }
}
