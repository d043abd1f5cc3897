/** linear over the kernels: where the weights are kept, and what becomes of those for which there is no room. */
import type { Config } from "../../src/config.ts";
import { LimitError } from "../../src/errors.ts";
import { linearSizes } from "../../src/reference/linear.ts";
import { data } from "../../src/reference/unwrap.ts";
import { type AnyTensor, type Host, isStored, type Stored, type Tensor } from "../../src/tensor.ts";
import type { Heap } from "./module.ts";
import { type Activations, CHUNKED, grouped, type Product, products, PROMPT, WIDE } from "./products.ts";
import { placed, Resident, Residents } from "./resident.ts";
import type { Team } from "./team.ts";

/** Bytes of weights that are brought in at a time. */
const PART_BYTES = 1 << 22;

/** So many activations one thread has rounded before another has heard of it: some five microseconds. */
const FEW = 8192;

/** Products of a weight and an activation between two looks whether to go on: some twenty milliseconds of one thread. */
const PART_WORK = 2 ** 30;

/**
 * Scratch of a thread for the rows that it takes at once, `group` of assembly/share.ts: for every 32 weights float32, i16, a
 * scale and two minimums in float32.
 */
function scratchBytes(blocks: number, T: number): number {
  const bytes = (32 * 4 + 32 * 2 + 4 + 8) * (blocks + 1);
  return Math.max(promptBytes(blocks, T), 4 * bytes, Math.min(16 * bytes, 2 ** 19 + 4 * bytes));
}

/** Scratch of a thread in assembly/prompt.ts: sixteen sums a token, and sixteen rows in panels and four on the way there. */
function promptBytes(blocks: number, T: number): number {
  return 64 * (paddedRows(T) + 1) + Math.ceil(blocks / 8) * (8192 + 64 + 8 * 304);
}

/** Tokens and columns as assembly/prompt.ts lays them: whole tiles of two or three, and chunks of 256. */
const paddedRows = (T: number) => Math.ceil(T / 6) * 6;
const paddedColumns = (I: number) => Math.ceil(I / 256) * 256;

/** A memory, and the threads over it. Weights that fill one go on in the next: 32 bits reach 4 GiB. */
interface Room {
  readonly heap: Heap;
  readonly team: Team;
}

/** The weights that stay, and the products with all. */
export class Linear {
  private readonly rooms: Room[];
  private readonly kept = new Map<AnyTensor, { readonly room: Room; readonly at: number }>();
  private readonly products: ReadonlyMap<string, Product>;
  private readonly activations: Activations;
  private readonly onWork: () => void;
  private readonly residents: Residents;
  private left = Infinity;
  /** The prompt whose integers lie at q and d: what meets several matrices is rounded once. */
  private rounded: { readonly x: AnyTensor; readonly heap: Heap; readonly q: number; readonly d: number } | undefined;

  /** `onWork` is called before each part of a product; what it throws ends it. */
  constructor(
    heap: Heap,
    team: Team,
    activations: Activations,
    onWork: () => void = () => undefined,
    residents = new Residents(),
  ) {
    this.residents = residents;
    this.rooms = [{ heap, team }];
    heap.area("weights", partBytes(heap)); // before weights that stay take what there is
    this.onWork = onWork;
    this.activations = activations;
    this.products = products(activations, team.has("probe"));
  }

  /** How many bytes of weights stay in the kernels' memories, those that came first. */
  keep(bytes: number): void {
    this.left = bytes;
  }

  /** How many memories there are. */
  get memories(): number {
    return this.rooms.length;
  }

  /**
   * y = W x + b
   *
   * numbers  float32 products and sums where activations are float32: within 4 u sum |w x| of exact. With int8, weights in
   *          formats of blocks meet activations rounded to integers, and PROMPT tokens or more are multiplied as
   *          assembly/prompt.ts says, fewer as the format's own kernel does: a token's row has one value with few beside
   *          it and one with many, each the same whichever they are. See assembly/ for the order of the sums.
   * throws   ShapeError as the reference
   */
  linear<I extends string, O extends string>(
    x: Tensor<`T ${I}`>,
    W: Tensor<`${O} ${NoInfer<I>}`>,
    b?: Tensor<NoInfer<O>>,
  ): Host<`T ${O}`> {
    data(x, "linear");
    const bias = b === undefined ? undefined : data(b, "linear");
    const { T, I, O } = linearSizes(x, W, bias);
    const product = isStored(W) ? this.productOf(W) : undefined;
    const kept = product === undefined ? undefined : this.keptAt(W as unknown as Stored<string>, product, I);
    const room = kept?.room ?? this.rooms[0]!;
    const { heap } = room;
    const y = this.residents.result(heap, T, O);
    const at = { ...places(room, T, I, O), x: brought(x, heap, product?.order), y: y.at };
    if (bias !== undefined) heap.write(at.bias, bias);
    const work = { x, W, T, I, O, bias: bias === undefined ? 0 : at.bias, product, kept: kept?.at };
    this.multiply(room, at, work);
    return y.read();
  }

  /** The kernel for a stored matrix; undefined where it is to be widened. */
  private productOf({ format, blocks }: Pick<Stored<string>, "format" | "blocks">): Product | undefined {
    return blocks === undefined ? this.products.get(format) : grouped(blocks, this.activations);
  }

  private multiply(room: Room, at: Places, { x, W, T, I, O, bias, product, kept }: Work): void {
    const { heap, team } = room;
    const { format, block, bytes } = product ?? WIDE;
    const { kernel, quantise } = T >= PROMPT && product?.quantise !== undefined ? CHUNKED : (product ?? WIDE);
    if (quantise !== undefined) this.round(room, quantise, at, x, T, I);
    const input = quantise === undefined ? at.x : at.q;
    const run = (weights: number, first: number, rows: number) => {
      this.onWork();
      const [b, y] = [bias === 0 ? 0 : bias + 4 * first, at.y + 4 * first];
      const { d, scratch, sums, starts } = at;
      if (kernel === CHUNKED.kernel) heap.bytes(sums, 4).fill(0); // how many panels are taken
      team.run(kernel, input, d, weights, b, y, T, I, rows, O, scratch, sums, starts, format);
    };
    const rowBytes = (I / block) * bytes;
    if (kept !== undefined) {
      const most = Math.max(1, Math.floor(PART_WORK / (T * I * 64))) * 64;
      for (let first = 0; first < O; first += most) run(kept + first * rowBytes, first, Math.min(most, O - first));
      return;
    }
    const weights = heap.area("weights", Math.max(partBytes(heap), 4 * rowBytes));
    parts(heap, O, rowBytes, (first, rows) => {
      if (product !== undefined) bring(heap, W as Stored<string>, first, rows, weights);
      else if (isStored(W)) W.widen(first, rows, heap.floats(weights, rows * I));
      else heap.floats(weights, rows * I).set(data(W, "linear").subarray(first * I, (first + rows) * I));
      run(weights, first, rows);
    });
  }

  /** Makes the integers of x, unless they are there. Only what lies in the kernels' memory is known to be what it was. */
  private round(
    { heap, team }: Room,
    quantise: string,
    { x: from, q, d, starts, sums }: Places,
    x: AnyTensor,
    T: number,
    I: number,
  ) {
    const { rounded } = this;
    if (rounded?.x === x && rounded.heap === heap && rounded.q === q && rounded.d === d) return;
    this.rounded = undefined;
    const values = [from, q, d, T, I, starts, sums];
    if (T * I <= FEW) team.alone(quantise, ...values);
    else team.run(quantise, ...values);
    const stays = x instanceof Resident && x.heap === heap && x.at === from;
    if (stays && quantise === CHUNKED.quantise) this.rounded = { x, heap, q, d };
  }

  /** Where the matrix lies for good; it is brought there at its first use, if there is room. */
  private keptAt(W: Stored<string>, { block, bytes: blockBytes }: Product, I: number) {
    const known = this.kept.get(W);
    if (known !== undefined) return known;
    const [O = 0] = W.shape;
    const rowBytes = (I / block) * blockBytes;
    const place = this.placed(O * rowBytes);
    if (place === undefined) return undefined;
    this.left -= O * rowBytes;
    parts(place.room.heap, O, rowBytes, (first, rows) =>
      bring(place.room.heap, W, first, rows, place.at + first * rowBytes),
    );
    this.kept.set(W, place);
    return place;
  }

  /** A place for weights, if there is one. Where the system gives no more memory there will be none again. */
  private placed(bytes: number): { readonly room: Room; readonly at: number } | undefined {
    const fits = ({ heap }: Room) => bytes <= heap.left - spare(heap);
    const { heap, team } = this.rooms[0]!;
    if (bytes > this.left || bytes > heap.size / 2) return undefined;
    try {
      let room = this.rooms.find(fits);
      if (room === undefined) {
        const further = heap.another();
        room = { heap: further, team: team.over(further) };
        this.rooms.push(room);
      }
      return { room, at: room.heap.place(bytes) };
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      this.left = 0;
      return undefined;
    }
  }
}

/** Where x lies in that heap, its inputs in the order in which a row of weights has them. */
function brought(x: AnyTensor, heap: Heap, order: Uint32Array | undefined): number {
  if (order === undefined) return placed(x, heap, "x", "linear");
  const { length } = data(x, "linear");
  const at = heap.area("x", 4 * length);
  const [input, into] = [data(x, "linear"), heap.floats(at, length)];
  const I = order.length;
  for (let t = 0; t < length; t += I) for (let i = 0; i < I; i++) into[t + i] = input[t + order[i]!]!;
  return at;
}

/** Left for activations when weights are brought in. */
function spare({ size }: Heap): number {
  return Math.min(256 << 20, size / 4);
}

function places({ heap, team }: Room, T: number, I: number, O: number) {
  const blocks = Math.ceil(I / 32);
  return {
    q: heap.area("q", 2 * paddedRows(T) * paddedColumns(I)),
    d: heap.area("d", paddedRows(T) * blocks * 4),
    starts: heap.area("starts", T * blocks * 16),
    sums: heap.area("sums", T * blocks * 8),
    bias: heap.area("bias", 4 * O),
    scratch: heap.area("scratch", team.threads * scratchBytes(blocks, T)),
  };
}

/** How much is brought in at a time. */
function partBytes({ size }: Heap): number {
  return Math.min(PART_BYTES, size / 16);
}

/** Copies the stored bytes of some rows to `at`. */
function bring(heap: Heap, W: Stored<string>, first: number, rows: number, at: number): void {
  W.window(first, rows, (bytes) => heap.bytes(at, bytes.length).set(bytes));
}

/** Shows `use` all rows, as many at a time as one part holds. */
function parts(heap: Heap, O: number, rowBytes: number, use: (first: number, rows: number) => void): void {
  const step = Math.max(4, Math.floor(partBytes(heap) / rowBytes) & ~3);
  for (let first = 0; first < O; first += step) use(first, Math.min(step, O - first));
}

/** Rows of logits that are asked for at once, at most: src/generate/windows.ts. */
const LOGIT_ROWS = 16;

/**
 * Bytes that products and attention take for `chunk` tokens, weights and caches apart: the places above for the widest
 * matrix, and the logits. Twice that, since a place that grows leaves its old one behind; and a part of weights.
 */
export function workspace(config: Config, chunk: number, threads: number): number {
  const { channels, feedForward, heads, headSize, vocabulary } = config;
  const widest = Math.max(channels, feedForward, heads * headSize);
  const blocks = Math.ceil(widest / 32);
  const integers = paddedRows(chunk) * (2 * paddedColumns(widest) + 4 * blocks);
  const rows = integers + chunk * (4 * widest + 24 * blocks + 4 * widest + 8 * heads * headSize);
  return PART_BYTES + 2 * (rows + 4 * LOGIT_ROWS * vocabulary + threads * scratchBytes(blocks, chunk));
}

type Places = ReturnType<typeof places> & { readonly x: number; readonly y: number };

/** One product. `kept`: where the weights lie, if they stay. */
interface Work {
  readonly x: AnyTensor;
  readonly W: AnyTensor;
  readonly T: number;
  readonly I: number;
  readonly O: number;
  /** Where the bias is; 0 for none. */
  readonly bias: number;
  readonly product: Product | undefined;
  readonly kept: number | undefined;
}
