/**
 * Integers of which a group along a row shares a scale and maybe a zero point: int8 of ours, AWQ, GPTQ, LLM.int8,
 * compressed-tensors.
 *
 *   W[i] = s (q[i] - z),   or s q[i] / 127 (LLM.int8)
 *
 * layout   a block for each group, as src/files/packed-blocks.ts makes it: s, f16, bf16 or f32 | z, a byte, if there are
 *          zero points | q, i8[group], or halves of bytes as in Q4_0. The number of such a format says all of this (grouped.ts).
 * numbers  exact: w is q - z, below 256, and dw is s. For LLM.int8 dw is s / 127, rounded once, and s itself is laid where other
 *          formats have minimums: its very values are quotients, which unpacked.ts makes of it.
 */
import { half } from "./half";
import { high, low, put } from "./lanes";

/** The lowest number of such a format. */
export const GROUPED: i32 = 32;
const BYTES: i32 = 1;
const ZEROS: i32 = 2;
const F16: i32 = 0;
const BF16: i32 = 1;
const QUOTIENT: i32 = 3;

/** What the scale is: F16, BF16, 2 for float32, QUOTIENT for float32 to be divided by 127. */
// @ts-ignore: decorator
@inline
export function kindOf(format: i32): i32 {
  return (format >> 2) & 3;
}

/** Whether its values are quotients. */
// @ts-ignore: decorator
@inline
export function divided(format: i32): bool {
  return format >= GROUPED && kindOf(format) == QUOTIENT;
}

/** Bytes before the integers of a block. */
// @ts-ignore: decorator
@inline
export function headOf(format: i32): usize {
  return (kindOf(format) <= BF16 ? 2 : 4) + ((format & ZEROS) >> 1);
}

/** Bytes of `blocks` times 32 values, a whole number of groups. */
export function groupedSize(format: i32, blocks: i32): usize {
  const per = format >> 8;
  const values: usize = hasBytes(format) ? 32 : 16;
  return <usize>(blocks / per) * (headOf(format) + values * <usize>per);
}

/** Whether a weight is a byte, else half of one. */
// @ts-ignore: decorator
@inline
export function hasBytes(format: i32): bool {
  return (format & BYTES) != 0;
}

// @ts-ignore: decorator
@inline
export function hasZeros(format: i32): bool {
  return (format & ZEROS) != 0;
}

/** What the integers of the block at w are to be multiplied with. */
export function scaleOf(kind: i32, w: usize): f32 {
  if (kind == F16) return half(w);
  if (kind == BF16) return reinterpret<f32>((<u32>load<u16>(w)) << 16);
  return kind == QUOTIENT ? load<f32>(w) / 127 : load<f32>(w);
}

/** What stands for 0 in the block whose integers are at w. */
export function zeroOf(format: i32, w: usize): i32 {
  if (!hasZeros(format)) return hasBytes(format) ? 0 : 8;
  return hasBytes(format) ? <i32>load<i8>(w - 1) : <i32>load<u8>(w - 1);
}

/** As `bits` of panel.ts. A zero point of halves is at most 16. */
export function groupedBits(format: i32): i32 {
  if (hasBytes(format)) return hasZeros(format) ? 8 : 7;
  return hasZeros(format) ? 4 : 3;
}

/** As `unpack` of unpack.ts. */
export function grouped(format: i32, w: usize, blocks: i32, into: usize, dw: usize, m: usize): void {
  const per = format >> 8;
  const kind = kindOf(format);
  const head = headOf(format);
  const wide = hasBytes(format);
  for (let b = 0; b < blocks; b += per) {
    const scale = scaleOf(kind, w);
    if (kind == QUOTIENT) for (let g = b; g < b + per; g++) store<f32>(m + g * 4, load<f32>(w));
    w += head;
    const zero = zeroOf(format, w);
    for (let g = b; g < b + per; g++) {
      store<f32>(dw + g * 4, scale);
      if (wide) bytes(w, zero, into);
      else halves(w, zero, into);
      w += wide ? 32 : 16;
      into += 64;
    }
  }
}

// @ts-ignore: decorator
@inline
function bytes(w: usize, zero: i32, into: usize): void {
  const about = i16x8.splat(<i16>zero);
  for (let i: usize = 0; i < 32; i += 8) v128.store(into + 2 * i, i16x8.sub(v128.load8x8_s(w + i), about));
}

// @ts-ignore: decorator
@inline
function halves(w: usize, zero: i32, into: usize): void {
  const about = i8x16.splat(<i8>zero);
  const n = v128.load(w);
  put(into, i8x16.sub(low(n), about));
  put(into + 32, i8x16.sub(high(n), about));
}
