/**
 * Keys and values in the kernels' memory, in the format they are kept in: what attention reads in place.
 */
import type { Config } from "../../src/config.ts";
import type { CacheFormat, LayerCache } from "../../src/ops.ts";
import { cache as referenceCache, full } from "../../src/reference/cache.ts";
import { checkRows, data } from "../../src/reference/unwrap.ts";
import { type AnyTensor, host, type Host, type Tensor } from "../../src/tensor.ts";
import { blockBytes, fits, type Form, POSITIONS, readRows, writeRows } from "./formats.ts";
import type { Heap } from "./module.ts";

/** Rows in the kernels' memory, in blocks of POSITIONS. It holds its cache, whose memory is not given back before. */
export interface Placed extends AnyTensor {
  /** Where the blocks of the first key head lie. */
  readonly blocks: readonly number[];
  readonly form: Form;
  readonly heap: Heap;
  readonly owner: object;
}

function isPlaced(x: AnyTensor): x is Placed {
  return "blocks" in x && "heap" in x;
}

/** Where blocks of rows lie, and how. */
export type Blocks = Pick<Placed, "blocks" | "form">;

/** The blocks of keys and of values of this heap's cache; any others are laid out in areas. */
export function blocksOf(keys: AnyTensor, values: AnyTensor, heap: Heap, D: number): readonly [Blocks, Blocks] {
  if (isPlaced(keys) && isPlaced(values) && keys.heap === heap && values.heap === heap) return [keys, values];
  return [laidOut("keys", keys, heap, D), laidOut("values", values, heap, D)];
}

function laidOut(of: Form["of"], x: AnyTensor, heap: Heap, D: number): Blocks {
  const [S = 0, width = 0] = x.shape;
  const bytes = blockBytes({ format: "f32", D });
  const stride = Math.ceil(S / POSITIONS) * bytes;
  const form: Form = { of, format: "f32", width, D, stride };
  const at = heap.area(of, stride * (width / D));
  const values = data(fetched(x as Tensor<string>) ?? x, "attention"); // x may lie in this memory: not before it grows
  const blocks = Array.from({ length: Math.ceil(S / POSITIONS) }, (_, i) => at + i * bytes);
  blocks.forEach((block, i) => {
    writeRows(heap, block, form, 0, values.subarray(i * POSITIONS * width, (i + 1) * POSITIONS * width));
  });
  return { blocks, form };
}

/** A tensor of the kernels' memory in this computer's; undefined for any other. */
export function fetched<A extends string>(x: Tensor<A>): Host<A> | undefined {
  if (!isPlaced(x)) return undefined;
  const [S = 0, width = 0] = x.shape;
  const values = new Float32Array(S * width);
  x.blocks.forEach((at, i) => {
    const piece = values.subarray(i * POSITIONS * width, (i + 1) * POSITIONS * width);
    readRows(x.heap, at, x.form, piece);
  });
  return host<A>(x.shape, values);
}

/** Positions for which memory is taken at once: those whose softmax is one, SPAN of assembly/state.ts. */
export const SPAN = 256;

/**
 * Keys and values of one layer, in places that are taken as tokens come: of each key head its keys of a span of positions, and
 * behind them its values. So what one thread reads lies together: the processor reads ahead in long streams only.
 */
class Spans {
  readonly forms: Readonly<Record<Form["of"], Form>>;
  private readonly heap: Heap;
  /** Positions of a place. */
  private readonly positions: number;
  /** Bytes of a head's block. */
  private readonly block: number;
  private readonly bytes: number;
  private readonly places: number[] = [];

  constructor(heap: Heap, format: CacheFormat, width: number, D: number, capacity: number) {
    this.heap = heap;
    this.positions = Math.min(SPAN, Math.max(1, Math.ceil(capacity / POSITIONS)) * POSITIONS);
    this.block = blockBytes({ format, D });
    const stride = 2 * (this.positions / POSITIONS) * this.block;
    this.bytes = stride * (width / D);
    const form = { format, width, D, stride };
    this.forms = { keys: { ...form, of: "keys" }, values: { ...form, of: "values" } };
  }

  put(form: Form, first: number, x: AnyTensor): void {
    const { width } = form;
    const end = first + x.shape[0]!;
    while (this.places.length * this.positions < end) this.places.push(this.heap.take(this.bytes));
    const rows = data(x, "cache"); // x may lie in this memory, and windows end where it grows
    for (let s = first; s < end;) {
      const inside = s % POSITIONS;
      const next = Math.min(s - inside + POSITIONS, end);
      const piece = rows.subarray((s - first) * width, (next - first) * width);
      writeRows(this.heap, this.blockOf(form, s - inside), form, inside, piece);
      s = next;
    }
  }

  /** Where the block that begins at position s has the first head. */
  private blockOf(form: Form, s: number): number {
    const inside = s % this.positions;
    const at = this.places[(s - inside) / this.positions]! + (inside / POSITIONS) * this.block;
    return form.of === "keys" ? at : at + form.stride / 2;
  }

  read(form: Form, rows: number, owner: object): Placed {
    const blocks = Array.from({ length: Math.ceil(rows / POSITIONS) }, (_, i) => this.blockOf(form, i * POSITIONS));
    return { shape: [rows, form.width], blocks, form, heap: this.heap, owner };
  }

  /** Gives back the places in which no row of the first `length` lies. */
  truncate(length: number): void {
    for (const at of this.places.splice(Math.ceil(length / this.positions))) this.heap.give(at, this.bytes);
  }
}

/** Gives the places of caches that nobody holds any more back to their heap. */
const unused = new FinalizationRegistry<Spans>((spans) => spans.truncate(0));

class WasmCache implements LayerCache {
  length = 0;
  private readonly width: number;
  private readonly capacity: number;
  private readonly spans: Spans;

  constructor(heap: Heap, format: CacheFormat, width: number, D: number, capacity: number) {
    this.width = width;
    this.capacity = capacity;
    this.spans = new Spans(heap, format, width, D, capacity);
    unused.register(this, this.spans);
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> } {
    checkRows(k, this.width, "cache", "k");
    checkRows(v, this.width, "cache", "v");
    const S = this.length + k.shape[0]!;
    if (S > this.capacity) throw full(this.capacity, S);
    const { spans } = this;
    const { keys, values } = spans.forms;
    spans.put(keys, this.length, k);
    spans.put(values, this.length, v);
    this.length = S;
    return { keys: tensor(spans.read(keys, S, this)), values: tensor(spans.read(values, S, this)) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
    this.spans.truncate(this.length);
  }
}

/** The one cast from blocks to the page's tensor. */
function tensor(rows: Placed): Tensor<"S KD"> {
  return rows as unknown as Tensor<"S KD">;
}

/**
 * One empty cache a layer, for at most `capacity` tokens: it takes room for 256 more as they come, and none before. Heads that
 * the kernels do not attend to have the reference's.
 */
export function cache(heap: Heap, config: Config, capacity: number, format: CacheFormat = "f32"): LayerCache[] {
  const { layers, keyHeads, headSize: D } = config;
  if (!fits(D)) return referenceCache(config, capacity, format);
  return Array.from({ length: layers }, () => new WasmCache(heap, format, keyHeads * D, D, capacity));
}
