/** Keys and values on the device: room for rows that doubles as tokens come, written in place and never read back. */
import type { Config } from "../../src/config.ts";
import { UsageError } from "../../src/errors.ts";
import type { CacheFormat, LayerCache } from "../../src/ops.ts";
import { full } from "../../src/reference/cache.ts";
import { checkRows } from "../../src/reference/unwrap.ts";
import type { AnyTensor, Tensor } from "../../src/tensor.ts";
import type { Handle } from "./device.ts";
import { type Resident, tensor, type Work } from "./resident.ts";

/** Rows there is room for at first. */
const LEAST_ROWS = 64;

/** Rows of the cache; there is room for more of them behind those that are there. */
export interface Kept extends Resident {
  readonly room: number;
}

/** Bytes of all caches. */
interface Count {
  bytes: number;
}

/** Rows of one layer's keys or values. */
class Rows {
  private readonly work: Work;
  private readonly all: Count;
  private readonly width: number;
  private readonly capacity: number;
  private room = 0;
  private place: Promise<Handle> | undefined;

  constructor(work: Work, all: Count, width: number, capacity: number) {
    this.work = work;
    this.all = all;
    this.width = width;
    this.capacity = capacity;
  }

  /** Writes rows from row `first` on; comes back with all S. */
  put(first: number, rows: AnyTensor, S: number): Kept {
    const { work, width } = this;
    const brought = work.own(rows, "cache");
    this.grow(S);
    const place = this.place!;
    const written = work.later(async () => {
      const to = await place;
      work.device.write(await brought.handle, to, first * width);
      return to;
    }, brought);
    written.catch(() => undefined); // the place is as good as before: another continuation may follow
    return { shape: [S, width], owner: work, handle: written, awaited: 0, done: false, room: this.room };
  }

  /** Gives the device back what it took. */
  free(): void {
    const { place, work } = this;
    this.all.bytes -= 4 * this.room * this.width;
    if (place !== undefined) void work.later(async () => work.device.free(await place)).catch(() => undefined);
  }

  private grow(S: number): void {
    if (S <= this.room) return;
    const { work, width, place: before, room: had } = this;
    while (this.room < S) this.room = Math.min(this.capacity, Math.max(LEAST_ROWS, 2 * this.room));
    const { room } = this;
    this.all.bytes += 4 * (room - had) * width;
    this.place = work.later(async () => {
      const place = work.device.reserve("cache", room * width);
      if (before === undefined) return place;
      const old = await before;
      work.device.write(old, place, 0);
      work.device.free(old);
      return place;
    });
    this.place.catch(() => undefined);
  }
}

/** Frees what caches that nobody holds any more had on the device. */
const unused = new FinalizationRegistry<readonly Rows[]>((rows) => rows.forEach((each) => each.free()));

class ResidentCache implements LayerCache {
  length = 0;
  private readonly width: number;
  private readonly capacity: number;
  private readonly keys: Rows;
  private readonly values: Rows;

  constructor(work: Work, all: Count, width: number, capacity: number) {
    this.width = width;
    this.capacity = capacity;
    this.keys = new Rows(work, all, width, capacity);
    this.values = new Rows(work, all, width, capacity);
    unused.register(this, [this.keys, this.values]);
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> } {
    checkRows(k, this.width, "cache", "k");
    checkRows(v, this.width, "cache", "v");
    const S = this.length + k.shape[0]!;
    if (S > this.capacity) throw full(this.capacity, S);
    const keys = this.keys.put(this.length, k, S);
    const values = this.values.put(this.length, v, S);
    this.length = S;
    return { keys: tensor(keys), values: tensor(values) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }
}

/** One empty cache a layer. Throws UsageError E_ARG_KV for a format other than float32: kernels here have no other. */
export function cache(
  work: Work,
  all: Count,
  config: Config,
  capacity: number,
  format: CacheFormat = "f32",
): LayerCache[] {
  if (format !== "f32") {
    throw new UsageError("E_ARG_KV", "--kv", {
      expected: "f32",
      actual: format,
      hint: "gpujs keeps keys and values as float32; --backend wasm has other formats.",
    });
  }
  const { layers, keyHeads, headSize: D } = config;
  return Array.from({ length: layers }, () => new ResidentCache(work, all, keyHeads * D, capacity));
}
