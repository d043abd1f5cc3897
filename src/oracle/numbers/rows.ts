/**
 * Rows computed when they are asked for: a tensor of the oracle's own backend.
 *
 * Every operation but attention makes a row of its result from the same row of its inputs, so whatever is known only in
 * part (some rows of some taps of another engine) still gives what can be had from it, and nothing else is computed.
 */
import type { AnyTensor, Tensor } from "../../tensor.ts";

/** Computes those rows, ascending, into `data`, [T, width]. */
export type Compute = (rows: readonly number[], data: Float64Array) => void;

let count = 0;

/** [T, width] in float64, row by row on demand. */
export class Rows {
  readonly shape: readonly [T: number, width: number];
  /** One a tensor: what tells whether two operations have the same inputs. */
  readonly id = count++;
  private readonly have: Uint8Array;
  private readonly data: Float64Array;
  private compute: Compute | undefined;
  private left: number;

  constructor(T: number, width: number, compute: Compute) {
    this.shape = [T, width];
    this.have = new Uint8Array(T);
    this.data = new Float64Array(T * width);
    this.compute = compute;
    this.left = T;
  }

  /** The whole array, in which those rows are there. */
  need(rows: readonly number[]): Float64Array {
    if (this.left === 0) return this.data;
    const missing = rows.filter((t) => this.have[t] === 0);
    if (missing.length === 0) return this.data;
    this.compute!(missing, this.data);
    for (const t of missing) this.have[t] = 1;
    this.left -= missing.length;
    if (this.left === 0) this.compute = undefined; // lets go of its inputs
    return this.data;
  }

  /** Every row. */
  all(): Float64Array {
    return this.need(range(this.shape[0]));
  }
}

/** 0 ... n - 1. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** Rows that are there already. `data` is not copied where it is float64. */
export function given(T: number, width: number, data: ArrayLike<number>): Rows {
  return new Rows(T, width, (rows, into) => {
    for (const t of rows) for (let c = t * width; c < (t + 1) * width; c++) into[c] = data[c]!;
  });
}

/** Our tensors as the page sees them, and back: the one pair of casts. */
export function asTensor<A extends string>(rows: Rows): Tensor<A> {
  return rows as unknown as Tensor<A>;
}

export function asRows(tensor: AnyTensor): Rows {
  return tensor as Rows;
}
