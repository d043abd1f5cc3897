/**
 * Keys and values in the kernels' memory, in float32: what attention reads in place. The other formats are kept by the
 * reference's cache, and widened as it does.
 */
import type { Config } from "../../src/config.ts";
import type { CacheFormat, LayerCache } from "../../src/ops.ts";
import { cache as referenceCache, full } from "../../src/reference/cache.ts";
import { checkRows, data } from "../../src/reference/unwrap.ts";
import { type AnyTensor, host, type Host, type Tensor } from "../../src/tensor.ts";
import type { Heap } from "./module.ts";

/** Rows in the kernels' memory, from `at` on. */
interface Placed extends AnyTensor {
  readonly at: number;
  readonly heap: Heap;
}

function isPlaced(x: AnyTensor): x is Placed {
  return "at" in x && "heap" in x;
}

/** Where the values of a tensor lie: in place, or copied to the area of that name. */
export function placeOf(x: AnyTensor, heap: Heap, area: string, where: string): number {
  if (isPlaced(x) && x.heap === heap) return x.at;
  const values = data(x, where);
  const at = heap.area(area, 4 * values.length);
  heap.floats(at, values.length).set(values);
  return at;
}

/** A tensor of the kernels' memory in this computer's; any other as it is. */
export function fetched<A extends string>(x: Tensor<A>): Host<A> | undefined {
  if (!isPlaced(x)) return undefined;
  const size = x.shape.reduce((product, n) => product * n, 1);
  return host<A>(x.shape, x.heap.floats(x.at, size).slice());
}

/** Rows of one layer, in a place that doubles when it is full. */
class Rows {
  private readonly heap: Heap;
  private readonly width: number;
  private readonly capacity: number;
  private at = 0;
  private room = 0;

  constructor(heap: Heap, width: number, capacity: number) {
    this.heap = heap;
    this.width = width;
    this.capacity = capacity;
  }

  put(first: number, rows: Float32Array): void {
    const end = first + rows.length / this.width;
    if (end > this.room) this.grow(end, first);
    this.heap.floats(this.at + 4 * first * this.width, rows.length).set(rows);
  }

  read(rows: number): Placed {
    return { shape: [rows, this.width], at: this.at, heap: this.heap };
  }

  private grow(end: number, kept: number): void {
    const room = Math.min(Math.max(end, 2 * this.room, 64), this.capacity);
    const at = this.heap.take(4 * room * this.width);
    this.heap.bytes(at, 4 * kept * this.width).set(this.heap.bytes(this.at, 4 * kept * this.width));
    this.free();
    [this.at, this.room] = [at, room];
  }

  free(): void {
    if (this.room > 0) this.heap.give(this.at, 4 * this.room * this.width);
    this.room = 0;
  }
}

/** Gives the places of caches that nobody holds any more back to their heap. */
const unused = new FinalizationRegistry<readonly Rows[]>((rows) => rows.forEach((each) => each.free()));

class WasmCache implements LayerCache {
  length = 0;
  private readonly width: number;
  private readonly capacity: number;
  private readonly keys: Rows;
  private readonly values: Rows;

  constructor(heap: Heap, width: number, capacity: number) {
    this.width = width;
    this.capacity = capacity;
    this.keys = new Rows(heap, width, capacity);
    this.values = new Rows(heap, width, capacity);
    unused.register(this, [this.keys, this.values]);
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> } {
    checkRows(k, this.width, "cache", "k");
    checkRows(v, this.width, "cache", "v");
    const S = this.length + k.shape[0]!;
    if (S > this.capacity) throw full(this.capacity, S);
    this.keys.put(this.length, data(k, "cache"));
    this.values.put(this.length, data(v, "cache"));
    this.length = S;
    return { keys: tensor(this.keys.read(S)), values: tensor(this.values.read(S)) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }
}

/** The one cast from a place to the page's tensor. */
function tensor(rows: Placed): Tensor<"S KD"> {
  return rows as unknown as Tensor<"S KD">;
}

/** One empty cache a layer, for at most `capacity` tokens. */
export function cache(heap: Heap, config: Config, capacity: number, format: CacheFormat = "f32"): LayerCache[] {
  const { layers, keyHeads, headSize: D } = config;
  if (format !== "f32") return referenceCache(config, capacity, format);
  return Array.from({ length: layers }, () => new WasmCache(heap, keyHeads * D, capacity));
}
