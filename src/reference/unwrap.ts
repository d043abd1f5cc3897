/** The reference's side of the border: which tensors it takes, and the one place that opens them. */
import { ShapeError } from "../errors.ts";
import { type AnyTensor, type Host, isHost, isStored, type Tensor } from "../tensor.ts";

/** The float32 data of an activation, gain or bias. Throws ShapeError for any other kind of tensor. */
export function unwrap<A extends string>(x: Tensor<A>, where: string): Host<A> {
  data(x, where);
  return x as Host<A>;
}

/** The same for a tensor whose axes do not matter. */
export function data(x: AnyTensor, where: string): Float32Array {
  if (isHost(x)) return x.data;
  throw new ShapeError("E_SHAPE", where, {
    expected: "float32 in this computer's memory",
    actual: isStored(x) ? `${x.format} weights "${x.name}"` : "another backend's tensor",
    hint: "Download it first: ops.download(x).",
  });
}

/** Throws ShapeError unless `x` has two axes and the last one is `width` wide. */
export function checkRows(x: AnyTensor, width: number, where: string, what: string): void {
  if (x.shape.length === 2 && x.shape[1] === width) return;
  throw new ShapeError("E_SHAPE", where, {
    expected: `${what} [T ${width}]`,
    actual: `[${x.shape.join(" ")}]`,
    hint: "Check the model's config against its tensors.",
  });
}

/** The data of two tensors of one shape. Throws ShapeError if they differ. */
export function pair(x: AnyTensor, y: AnyTensor, where: string): [Float32Array, Float32Array] {
  if (x.shape.length !== y.shape.length || x.shape.some((n, axis) => n !== y.shape[axis])) {
    throw new ShapeError("E_SHAPE", where, {
      expected: "two tensors of one shape",
      actual: `[${x.shape.join(" ")}] and [${y.shape.join(" ")}]`,
      hint: "Check the model's config against its tensors.",
    });
  }
  return [data(x, where), data(y, where)];
}

/** Rows widened at a time: few enough to stay in the processor's first cache, and four at least. */
const CHUNK_BYTES = 1 << 15;

/**
 * Shows `use` the rows of a matrix as float32, a few at a time and in order: (rows, index of the first, how many).
 * A stored matrix is never widened whole.
 */
export function eachRows(
  W: AnyTensor,
  where: string,
  use: (rows: Float32Array, first: number, count: number) => void,
): void {
  const [O = 0, I = 0] = W.shape;
  if (!isStored(W)) return use(data(W, where), 0, O);
  const step = Math.max(4, Math.floor(CHUNK_BYTES / (4 * I)) & ~3);
  const rows = new Float32Array(Math.min(step, O) * I);
  for (let first = 0; first < O; first += step) {
    const count = Math.min(step, O - first);
    W.widen(first, count, rows);
    use(rows, first, count);
  }
}
