/**
 * linear over the kernels: where the weights are kept, which kernel takes their format, and what becomes of the others.
 */
import { linearSizes } from "../../src/reference/linear.ts";
import { data } from "../../src/reference/unwrap.ts";
import { type AnyTensor, type Host, isStored, type Stored, type Tensor, zeros } from "../../src/tensor.ts";
import type { Heap } from "./module.ts";
import type { Team } from "./team.ts";

/** How activations meet quantised weights: as they are, or rounded to bytes with a scale for each 32. */
export type Activations = "f32" | "int8";

/** A format whose stored bytes a kernel multiplies with integers, and what makes the activations' integers for it. */
interface Integer {
  readonly kernel: string;
  readonly quantise: string;
  /** Bytes of a block of 32. */
  readonly bytes: number;
}

const INTEGER: ReadonlyMap<string, Integer> = new Map([
  ["Q8_0", { kernel: "linear_q8_0", quantise: "quantise", bytes: 34 }],
  ["Q4_0", { kernel: "linear_q4_0", quantise: "quantise", bytes: 18 }],
  ["Q4_1", { kernel: "linear_q4_1", quantise: "quantise", bytes: 20 }],
]);

/** The same by relaxed SIMD, where the engine has it. */
const RELAXED: ReadonlyMap<string, Integer> = new Map([
  ["Q8_0", { kernel: "linear_q8_0_relaxed", quantise: "quantise_i7", bytes: 34 }],
  ["Q4_0", { kernel: "linear_q4_0_relaxed", quantise: "quantise_i8", bytes: 18 }],
  ["Q4_1", { kernel: "linear_q4_1_relaxed", quantise: "quantise_i8", bytes: 20 }],
]);

/** Bytes of weights that are brought in at a time where they do not stay. */
const PART_BYTES = 1 << 22;

/** Scratch of a thread for every block of a row: of four rows 34 bytes of integers, a scale and a minimum in float32. */
const SCRATCH_BYTES = 4 * (34 + 4 + 4);

/** The weights that stay, and the products with all. */
export class Linear {
  private readonly heap: Heap;
  private readonly team: Team;
  private readonly activations: Activations;
  private readonly kept = new Map<AnyTensor, number>();
  private readonly formats: ReadonlyMap<string, Integer>;
  private room: number;

  constructor(heap: Heap, team: Team, activations: Activations, room: number) {
    this.heap = heap;
    this.team = team;
    this.activations = activations;
    this.room = room;
    this.formats = team.has("probe") ? RELAXED : INTEGER;
  }

  /** How many bytes of weights stay in the kernels' memory, those that came first. */
  keep(bytes: number): void {
    this.room = bytes;
  }

  /**
   * y = W x + b
   *
   * numbers  float32 products and sums where activations are float32: within 4 u sum |w x| of exact. With int8, weights in
   *          Q8_0, Q4_0 and Q4_1 meet activations rounded to 8 bits. See assembly/ for the order of the sums.
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
    const integer = this.activations === "int8" && isStored(W) ? this.formats.get(W.format) : undefined;
    const common = { T, I, O, bias: bias === undefined ? 0 : at.bias };
    if (integer !== undefined) this.integers(W as unknown as Stored<string>, integer, at, common);
    else this.floats(W, at, common);
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

  private integers(W: Stored<string>, { kernel, quantise, bytes }: Integer, at: Places, of: Sizes): void {
    const { T, I, O, bias } = of;
    const rowBytes = (I / 32) * bytes;
    this.team.run(quantise, at.x, at.q, at.d, T, I, at.starts, at.sums);
    const product = (weights: number, first: number, rows: number) => {
      const [b, y] = [bias === 0 ? 0 : bias + 4 * first, at.y + 4 * first];
      this.team.run(kernel, at.q, at.d, weights, b, y, T, I, rows, O, at.scratch, at.sums, at.starts);
    };
    const kept = this.keptAt(W, rowBytes);
    if (kept !== undefined) return product(kept, 0, O);
    this.parts(O, rowBytes, (first, rows) => {
      W.window(first, rows, (bytes) => this.heap.bytes(at.weights, bytes.length).set(bytes));
      product(at.weights, first, rows);
    });
  }

  private floats(W: AnyTensor, at: Places, { T, I, O, bias }: Sizes): void {
    this.parts(O, 4 * I, (first, rows) => {
      const into = this.heap.floats(at.weights, rows * I);
      if (isStored(W)) W.widen(first, rows, into);
      else into.set(data(W, "linear").subarray(first * I, (first + rows) * I));
      const b = bias === 0 ? 0 : bias + 4 * first;
      this.team.run("linear_f32", at.x, at.weights, b, at.y + 4 * first, T, I, rows, O);
    });
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
    this.room -= bytes;
    const at = this.heap.place(bytes);
    this.parts(O, rowBytes, (first, rows) => {
      W.window(first, rows, (part) => this.heap.bytes(at + first * rowBytes, part.length).set(part));
    });
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
