/**
 * Keys and values in the kernels' memory, in the format they are kept in: what attention reads in place.
 */
import type { Config } from "../../src/config.ts";
import type { CacheFormat, LayerCache } from "../../src/ops.ts";
import { full } from "../../src/reference/cache.ts";
import { checkRows, data } from "../../src/reference/unwrap.ts";
import { type AnyTensor, host, type Host, type Tensor } from "../../src/tensor.ts";
import { blockBytes, POSITIONS, readRows, writeRows } from "./formats.ts";
import type { Heap } from "./module.ts";

/** Rows in the kernels' memory, in blocks of POSITIONS. It holds its cache, whose blocks are not freed before. */
export interface Placed extends AnyTensor {
  readonly blocks: readonly number[];
  readonly format: CacheFormat;
  readonly D: number;
  readonly heap: Heap;
  readonly owner: object;
}

function isPlaced(x: AnyTensor): x is Placed {
  return "blocks" in x && "heap" in x;
}

/** Where blocks of rows lie, and how they are kept. */
export type Blocks = Pick<Placed, "blocks" | "format">;

/** The blocks of a tensor of this heap; those of any other are copied to the area of that name. */
export function blocksOf(x: AnyTensor, heap: Heap, area: string, where: string): Blocks {
  if (isPlaced(x) && x.heap === heap) return x;
  const values = data(x, where);
  const at = heap.area(area, 4 * values.length);
  heap.floats(at, values.length).set(values);
  const [S = 0, width = 0] = x.shape;
  const blocks = Array.from({ length: Math.ceil(S / POSITIONS) }, (_, i) => at + 4 * i * POSITIONS * width);
  return { blocks, format: "f32" };
}

/** A tensor of the kernels' memory in this computer's; undefined for any other. */
export function fetched<A extends string>(x: Tensor<A>): Host<A> | undefined {
  if (!isPlaced(x)) return undefined;
  const [S = 0, width = 0] = x.shape;
  const values = new Float32Array(S * width);
  x.blocks.forEach((at, i) => {
    const piece = values.subarray(i * POSITIONS * width, (i + 1) * POSITIONS * width);
    readRows(x.heap, at, x.format, width, x.D, piece);
  });
  return host<A>(x.shape, values);
}

/** Rows of one layer, in blocks that are taken as tokens come. */
class Rows {
  readonly blocks: number[] = [];
  private readonly heap: Heap;
  private readonly format: CacheFormat;
  private readonly width: number;
  private readonly D: number;
  private readonly bytes: number;

  constructor(heap: Heap, format: CacheFormat, width: number, D: number) {
    this.heap = heap;
    this.format = format;
    this.width = width;
    this.D = D;
    this.bytes = blockBytes(format, width, D);
  }

  put(first: number, x: AnyTensor): void {
    const { heap, format, width, D } = this;
    const end = first + x.shape[0]!;
    while (this.blocks.length * POSITIONS < end) this.blocks.push(heap.take(this.bytes));
    const rows = data(x, "cache"); // x may lie in this memory, and windows end where it grows
    for (let s = first; s < end;) {
      const inside = s % POSITIONS;
      const next = Math.min(s - inside + POSITIONS, end);
      const piece = rows.subarray((s - first) * width, (next - first) * width);
      writeRows(heap, this.blocks[(s - inside) / POSITIONS]!, format, width, D, inside, piece);
      s = next;
    }
  }

  read(rows: number, owner: object): Placed {
    const { heap, format, width, D } = this;
    return { shape: [rows, width], blocks: this.blocks.slice(0, Math.ceil(rows / POSITIONS)), format, D, heap, owner };
  }

  /** Gives back the blocks in which no row of the first `length` lies. */
  truncate(length: number): void {
    for (const at of this.blocks.splice(Math.ceil(length / POSITIONS))) this.heap.give(at, this.bytes);
  }
}

/** Gives the blocks of caches that nobody holds any more back to their heap. */
const unused = new FinalizationRegistry<readonly Rows[]>((rows) => rows.forEach((each) => each.truncate(0)));

class WasmCache implements LayerCache {
  length = 0;
  private readonly width: number;
  private readonly capacity: number;
  private readonly keys: Rows;
  private readonly values: Rows;

  constructor(heap: Heap, format: CacheFormat, width: number, D: number, capacity: number) {
    this.width = width;
    this.capacity = capacity;
    this.keys = new Rows(heap, format, width, D);
    this.values = new Rows(heap, format, width, D);
    unused.register(this, [this.keys, this.values]);
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> } {
    checkRows(k, this.width, "cache", "k");
    checkRows(v, this.width, "cache", "v");
    const S = this.length + k.shape[0]!;
    if (S > this.capacity) throw full(this.capacity, S);
    this.keys.put(this.length, k);
    this.values.put(this.length, v);
    this.length = S;
    return { keys: tensor(this.keys.read(S, this)), values: tensor(this.values.read(S, this)) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
    this.keys.truncate(this.length);
    this.values.truncate(this.length);
  }
}

/** The one cast from blocks to the page's tensor. */
function tensor(rows: Placed): Tensor<"S KD"> {
  return rows as unknown as Tensor<"S KD">;
}

/** One empty cache a layer, for at most `capacity` tokens: it takes room for 64 more as they come, and none before. */
export function cache(heap: Heap, config: Config, capacity: number, format: CacheFormat = "f32"): LayerCache[] {
  const { layers, keyHeads, headSize: D } = config;
  return Array.from({ length: layers }, () => new WasmCache(heap, format, keyHeads * D, D, capacity));
}
