/**
 * Tensors as the page sees them: a shape, and axes that the compiler checks.
 *
 * Two kinds lie in this computer's memory: `Host`, dense float32, and `Stored`, a matrix in the form its file has it,
 * of which rows are widened to float32 as they are used. A backend with memory of its own has kinds of its own.
 */
import { ShapeError } from "./errors.ts";

declare const axes: unique symbol;

/** A tensor whose axes do not matter: where only sizes and storage are looked at. */
export interface AnyTensor {
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
}

/** A dense row-major array. `A` names its axes, outermost first: `Tensor<"T C">`. */
export interface Tensor<A extends string> extends AnyTensor {
  /** Phantom and invariant: "T C" is never "T F". It does not exist at run time. */
  readonly [axes]: (a: A) => A;
}

/** An array of float32 in memory: every activation, every gain and bias. */
export interface Host<A extends string> extends Tensor<A> {
  readonly data: Float32Array;
}

/**
 * A form in which a matrix of grouped integers lends its rows, where its file has codes, scales and zero points in several
 * tensors, or by columns: a block for each group of inputs. As many bytes as in the file, but for zero points.
 *
 *   W[i] = s (q[i] - z),   or s q[i] / 127 where `divided`, rounded once
 *
 * layout   of a block: s in its own format | z, a byte, with `zeros` | q
 *          8 bits: i8 q[group], both q and z less 128 with `zeros`
 *          4 bits: for each 32 inputs u8 n[16], input j in the low half of n[j] and 16 + j in the high half; q + 8 without
 *          zero points
 */
export interface GroupBlocks {
  readonly bits: 4 | 8;
  /** Inputs of a group: a multiple of 32. */
  readonly group: number;
  readonly scale: "F16" | "BF16" | "F32";
  readonly zeros: boolean;
  readonly divided: boolean;
  /** The input at each place of a row, where they are not in order. */
  readonly order: Uint32Array | undefined;
}

/** A matrix as a file stores it, in memory, mapped or still on disk: the weights. */
export interface Stored<A extends string> extends Tensor<A> {
  /** The name of its number format: "F32", "BF16", "Q4_1". */
  readonly format: string;
  /** Its name in the file, for errors. */
  readonly name: string;
  /** Writes rows [first, first + rows) as float32 into `into`, exactly as the format defines the values. */
  widen(first: number, rows: number, into: Float32Array): void;
  /** Lends the stored bytes of those rows to `use`; they are valid until it returns. */
  window<R>(first: number, rows: number, use: (bytes: Uint8Array) => R): R;
  /** What `window` lends where the file has no bytes of a row by themselves; undefined: the format's own. */
  readonly blocks?: GroupBlocks | undefined;
}

/** Wraps `data` (not copied) as a tensor. Throws ShapeError if the sizes do not multiply to its length. */
export function host<A extends string>(shape: readonly number[], data: Float32Array): Host<A> {
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== data.length) {
    throw new ShapeError("E_SHAPE", "host", {
      expected: `${size} values for [${shape.join(" ")}]`,
      actual: `${data.length}`,
      hint: "Give the data's own shape.",
    });
  }
  return { shape, data } as unknown as Host<A>;
}

/** A tensor of zeros, to be filled. */
export function zeros<A extends string>(...shape: number[]): Host<A> {
  return host(shape, new Float32Array(shape.reduce((product, n) => product * n, 1)));
}

/** Gives a stored matrix its axes: the one cast from a file's tensor to the page's. */
export function stored<A extends string>(fields: Omit<Stored<A>, typeof axes>): Stored<A> {
  return fields as unknown as Stored<A>;
}

/** Whether a tensor is float32 in this computer's memory. */
export function isHost<X extends AnyTensor>(x: X): x is X & Pick<Host<string>, "data"> {
  return "data" in x && x.data instanceof Float32Array;
}

/** Whether a tensor is a matrix in a file's number format. */
export function isStored<X extends AnyTensor>(x: X): x is X & Omit<Stored<string>, typeof axes> {
  return "widen" in x;
}
