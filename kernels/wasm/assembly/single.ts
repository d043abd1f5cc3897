/** Rows against one token, multiplied as they are read: for the formats that have it, the very sums of unpacked.ts. */
import { single2, single3, single5 } from "./single-bits";
import { wide40, wide41, wide4k, wide6k, wide8 } from "./single-f32";
import { iq4_nl, iq4_xs, single50, single51 } from "./single-32";
import { single4, single6 } from "./single-k";
import { CONSTANTS, storeConstants } from "./single-parts";
import { GROUPED } from "./unpack-grouped";
import { IQ4_NL, Q2_K, Q3_K, Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K, Q8_0, sizeOf } from "./unpack";

/** Whether the format is one of these. */
// @ts-ignore: decorator
@inline
export function hasSingle(format: i32): bool {
  return format >= Q5_0 && format < GROUPED;
}

/** Rows o to `end`. `masks`: room in the thread's scratch. */
export function single(
  format: i32,
  o: i32,
  end: i32,
  q: usize,
  d: usize,
  s: usize,
  W: usize,
  bias: usize,
  y: usize,
  blocks: i32,
  masks: usize,
): void {
  const row = sizeOf(format, blocks);
  storeConstants(masks);
  for (; o < end; o++) {
    const w = W + <usize>o * row;
    const b = bias == 0 ? 0 : bias + o * 4;
    const at = y + o * 4;
    if (format == Q4_K) single4(w, blocks >> 3, q, d, s, masks, at, b);
    else if (format == Q6_K) single6(w, blocks >> 3, q, d, masks, at, b);
    else if (format == Q5_K) single5(w, blocks >> 3, q, d, s, masks, at, b);
    else if (format == Q3_K) single3(w, blocks >> 3, q, d, masks, at, b);
    else if (format == Q2_K) single2(w, blocks >> 3, q, d, s, masks, at, b);
    else if (format == Q5_0) single50(w, blocks, q, d, masks, at, b);
    else if (format == Q5_1) single51(w, blocks, q, d, s, masks, at, b);
    else if (format == IQ4_NL) iq4_nl(w, blocks, q, d, masks, at, b);
    else iq4_xs(w, blocks >> 3, q, d, masks, at, b);
  }
}

/** Whether the format is one of these for activations as they are. */
// @ts-ignore: decorator
@inline
export function hasWide(format: i32): bool {
  return format == Q8_0 || format == Q4_0 || format == Q4_1 || format == Q4_K || format == Q6_K;
}

/** Rows o to `end` against activations as they are. `masks`: room in the thread's scratch. */
export function wide(format: i32, o: i32, end: i32, x: usize, W: usize, bias: usize, y: usize, blocks: i32, masks: usize): void {
  const row = sizeOf(format, blocks);
  const p = masks + CONSTANTS;
  storeConstants(masks);
  for (; o < end; o++) {
    const w = W + <usize>o * row;
    const b = bias == 0 ? 0 : bias + o * 4;
    const at = y + o * 4;
    if (format == Q8_0) wide8(w, blocks, x, masks, p, at, b);
    else if (format == Q4_0) wide40(w, blocks, x, masks, p, at, b);
    else if (format == Q4_1) wide41(w, blocks, x, masks, p, at, b);
    else if (format == Q4_K) wide4k(w, blocks >> 3, x, masks, p, at, b);
    else wide6k(w, blocks >> 3, x, masks, p, at, b);
  }
}
