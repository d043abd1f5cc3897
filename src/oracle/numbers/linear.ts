/** y = W x + b under a rounding policy. */
import { eachRows } from "../../reference/unwrap.ts";
import type { AnyTensor } from "../../tensor.ts";
import { F16, roundAll } from "./formats.ts";
import type { KvFormat } from "./kv.ts";
import { dotsOf } from "./orders.ts";
import type { Run } from "./policies.ts";
import { Rows } from "./rows.ts";

/** W x, the sums not yet rounded to the format of the activations. */
export function product(x: Rows, W: AnyTensor, { policy, order, weights: quantised }: Run): Rows {
  const [T, I] = x.shape;
  const [O = 0] = W.shape;
  const dots = dotsOf(order);
  const { weights } = policy;
  const narrow = weights.name === "bf16" || weights.name === "f16";
  return new Rows(T, O, (rows, y) => {
    const input = gathered(x, rows, policy.inputs);
    const sums = new Float64Array(4);
    let rounded = new Float32Array(0);
    eachRows(W, "linear", (as, first, count) => {
      const stored = quantised === undefined ? as : quantisedRows(as, I, quantised);
      const w = narrow ? (rounded = room(rounded, stored.length)) : stored;
      if (narrow) roundAll(weights, stored, w);
      for (let o = 0; o < count; o += 4) {
        const together = Math.min(4, count - o);
        rows.forEach((t, n) => {
          dots(w, o * I, together, input, n * I, I, sums);
          for (let r = 0; r < together; r++) y[t * O + first + o + r] = sums[r]!;
        });
      }
    });
  });
}

/** Rows of I weights, each rounded to a format. */
function quantisedRows(stored: Float32Array, I: number, format: KvFormat): Float32Array {
  const made = new Float32Array(stored.length);
  for (let at = 0; at < stored.length; at += I) {
    const row = Float64Array.from(stored.subarray(at, at + I));
    format.round(row, I);
    made.set(row, at);
  }
  return made;
}

/** The sums rounded, with their bias: before the rounding, or, where the order is naive, as a step of its own. */
export function finished(sums: Rows, b: Float32Array | undefined, { policy, order }: Run): Rows {
  const [T, O] = sums.shape;
  const { round } = policy.store;
  const bias = b?.map(policy.weights.round);
  const twice = order === "naive" && policy.store.u > 2 ** -24;
  return new Rows(T, O, (rows, y) => {
    const s = sums.need(rows);
    for (const t of rows) {
      for (let o = 0; o < O; o++) {
        const sum = s[t * O + o]!;
        if (bias === undefined) y[t * O + o] = round(sum);
        else y[t * O + o] = round((twice ? round(sum) : sum) + bias[o]!);
      }
    }
  });
}

/** An array of at least that length: this one, if it is. */
function room(array: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  return array.length < length ? new Float32Array(length) : array;
}

/** The inputs of those rows, one after another, quantised as the policy says. */
function gathered(x: Rows, rows: readonly number[], inputs: Run["policy"]["inputs"]): Float64Array {
  const [, I] = x.shape;
  const data = x.need(rows);
  const input = new Float64Array(rows.length * I);
  rows.forEach((t, n) => input.set(data.subarray(t * I, (t + 1) * I), n * I));
  if (inputs === "f16") return input.map(F16.round);
  if (inputs === "int8") for (let n = 0; n < rows.length; n++) quantise(input.subarray(n * I, (n + 1) * I));
  if (inputs === "q8_0") for (let at = 0; at < input.length; at += 32) quantise(input.subarray(at, at + 32));
  return input;
}

/** Symmetric bytes with one scale: s = max |x| / 127, x = s round(x / s). */
function quantise(x: Float64Array): void {
  let largest = 0;
  for (const value of x) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return;
  const s = largest / 127;
  for (let i = 0; i < x.length; i++) x[i] = Math.round(x[i]! / s) * s;
}
