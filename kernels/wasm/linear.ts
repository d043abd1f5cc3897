/** linear over the kernels: where the weights are kept, and what becomes of those for which there is no room. */
import { LimitError } from "../../src/errors.ts";
import { linearSizes } from "../../src/reference/linear.ts";
import { data } from "../../src/reference/unwrap.ts";
import { type AnyTensor, type Host, isStored, type Stored, type Tensor, zeros } from "../../src/tensor.ts";
import type { Heap } from "./module.ts";
import { type Activations, type Product, products, WIDE } from "./products.ts";
import type { Team } from "./team.ts";

/** Bytes of weights that are brought in at a time where they do not stay. */
const PART_BYTES = 1 << 22;

/** Scratch of a thread for every block of 32: of four rows, float32, i16, a scale and a minimum in float32. */
const SCRATCH_BYTES = 4 * (128 + 64 + 4 + 4);

/** The weights that stay, and the products with all. */
export class Linear {
  private readonly heap: Heap;
  private readonly team: Team;
  private readonly kept = new Map<AnyTensor, number>();
  private readonly products: ReadonlyMap<string, Product>;
  private readonly onWork: () => void;
  private room = Infinity;

  /** `onWork` is called before each part of a product; what it throws ends it. */
  constructor(heap: Heap, team: Team, activations: Activations, onWork: () => void = () => undefined) {
    this.heap = heap;
    this.team = team;
    this.onWork = onWork;
    this.products = products(activations, team.has("probe"));
  }

  /** How many bytes of weights stay in the kernels' memory, those that came first. */
  keep(bytes: number): void {
    this.room = bytes;
  }

  /**
   * y = W x + b
   *
   * numbers  float32 products and sums where activations are float32: within 4 u sum |w x| of exact. With int8, weights in
   *          formats of blocks meet activations rounded to 8 bits. See assembly/ for the order of the sums.
   * throws   ShapeError as the reference
   */
  linear<I extends string, O extends string>(
    x: Tensor<`T ${I}`>,
    W: Tensor<`${O} ${NoInfer<I>}`>,
    b?: Tensor<NoInfer<O>>,
  ): Host<`T ${O}`> {
    const input = data(x, "linear");
    const bias = b === undefined ? undefined : data(b, "linear");
    const { T, I, O } = linearSizes(x, W, bias);
    const y = zeros<`T ${O}`>(T, O);
    const at = this.places(T, I, O);
    this.heap.floats(at.x, T * I).set(input);
    if (bias !== undefined) this.heap.floats(at.bias, O).set(bias);
    this.multiply(W, at, { T, I, O, bias: bias === undefined ? 0 : at.bias });
    y.data.set(this.heap.floats(at.y, T * O));
    return y;
  }

  private places(T: number, I: number, O: number) {
    const { heap } = this;
    return {
      x: heap.area("x", 4 * T * I),
      q: heap.area("q", 2 * T * I),
      d: heap.area("d", T * Math.ceil(I / 32) * 4),
      starts: heap.area("starts", T * Math.ceil(I / 32) * 16),
      sums: heap.area("sums", T * Math.ceil(I / 32) * 4),
      bias: heap.area("bias", 4 * O),
      y: heap.area("y", 4 * T * O),
      scratch: heap.area("scratch", this.team.threads * SCRATCH_BYTES * (Math.ceil(I / 32) + 4)),
      weights: heap.area("weights", PART_BYTES + 16 * I),
    };
  }

  private multiply(W: AnyTensor, at: Places, { T, I, O, bias }: Sizes): void {
    const known = isStored(W) ? this.products.get(W.format) : undefined;
    const { kernel, quantise, format, block, bytes } = known ?? WIDE;
    const rowBytes = (I / block) * bytes;
    if (quantise !== undefined) this.team.run(quantise, at.x, at.q, at.d, T, I, at.starts, at.sums);
    const input = quantise === undefined ? at.x : at.q;
    const product = (weights: number, first: number, rows: number) => {
      this.onWork();
      const [b, y] = [bias === 0 ? 0 : bias + 4 * first, at.y + 4 * first];
      const { d, scratch, sums, starts } = at;
      this.team.run(kernel, input, d, weights, b, y, T, I, rows, O, scratch, sums, starts, format);
    };
    const kept = known === undefined ? undefined : this.keptAt(W as Stored<string>, rowBytes);
    if (kept !== undefined) return product(kept, 0, O);
    this.parts(O, rowBytes, (first, rows) => {
      if (known !== undefined) this.bring(W as Stored<string>, first, rows, at.weights);
      else if (isStored(W)) W.widen(first, rows, this.heap.floats(at.weights, rows * I));
      else this.heap.floats(at.weights, rows * I).set(data(W, "linear").subarray(first * I, (first + rows) * I));
      product(at.weights, first, rows);
    });
  }

  /** A place for weights; undefined, and never again one, where the system gives no more memory. */
  private placed(bytes: number): number | undefined {
    try {
      return this.heap.place(bytes);
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      this.room = 0;
      return undefined;
    }
  }

  /** Copies the stored bytes of some rows to `at`. */
  private bring(W: Stored<string>, first: number, rows: number, at: number): void {
    W.window(first, rows, (bytes) => this.heap.bytes(at, bytes.length).set(bytes));
  }

  /** Shows `use` all rows, as many at a time as one part holds. */
  private parts(O: number, rowBytes: number, use: (first: number, rows: number) => void): void {
    const step = Math.max(4, Math.floor(PART_BYTES / rowBytes) & ~3);
    for (let first = 0; first < O; first += step) use(first, Math.min(step, O - first));
  }

  /** Where the matrix lies for good; it is brought there at its first use, if there is room. */
  private keptAt(W: Stored<string>, rowBytes: number): number | undefined {
    const known = this.kept.get(W);
    if (known !== undefined) return known;
    const [O = 0] = W.shape;
    const bytes = O * rowBytes;
    if (bytes > this.room || bytes > this.heap.left - SPARE) return undefined;
    const at = this.placed(bytes);
    if (at === undefined) return undefined;
    this.room -= bytes;
    this.parts(O, rowBytes, (first, rows) => this.bring(W, first, rows, at + first * rowBytes));
    this.kept.set(W, at);
    return at;
  }
}

/** Left for activations when weights are brought in. */
const SPARE = 256 << 20;

type Places = Readonly<Record<"x" | "q" | "d" | "starts" | "sums" | "bias" | "y" | "scratch" | "weights", number>>;

interface Sizes {
  readonly T: number;
  readonly I: number;
  readonly O: number;
  readonly bias: number;
}
