/**
 * Blocks of 64 positions of keys or values, and one key head of them widened to float32.
 *
 * layout   k: u32 places, one a block; a block: format 0: f32 [s KD]; 1: bf16 [s KD]; 2: i8 [s KD] | f32 scales [s K]
 * numbers  exact for bf16; one rounding of q s for bytes, as the reference reads them
 */
export const BLOCK: i32 = 64;

/** Where the block of position s lies. */
// @ts-ignore: decorator
@inline
export function place(blocks: usize, s: i32): usize {
  return <usize>load<u32>(blocks + (s / BLOCK) * 4);
}

/** Bytes from one row to the next, as attention reads them: float32 in place, others widened. */
// @ts-ignore: decorator
@inline
export function rowBytes(format: i32, D: i32, KD: i32): usize {
  return <usize>(format == 0 ? KD : D) * 4;
}

/** Where attention reads the rows of a key head. */
// @ts-ignore: decorator
@inline
export function f32Place(at: usize, format: i32, kh: i32, D: i32, wide: usize): usize {
  return format == 0 ? at + <usize>kh * D * 4 : wide;
}

/** `count` rows of key head kh as f32 [s D]. */
export function widen(at: usize, format: i32, kh: i32, D: i32, KD: i32, count: i32, into: usize): void {
  if (format == 1) widenBf16(at + <usize>kh * D * 2, D, KD, count, into);
  else widenBytes(at + <usize>kh * D, at + BLOCK * KD + kh * 4, D, KD, count, into);
}

function widenBf16(from: usize, D: i32, KD: i32, count: i32, into: usize): void {
  for (let s = 0; s < count; s++) {
    for (let d: usize = 0; d < <usize>D; d += 4) {
      v128.store(into + d * 4, i32x4.shl(v128.load16x4_u(from + d * 2), 16));
    }
    from += KD * 2;
    into += D * 4;
  }
}

function widenBytes(from: usize, scales: usize, D: i32, KD: i32, count: i32, into: usize): void {
  for (let s = 0; s < count; s++) {
    const scale = v128.load32_splat(scales);
    for (let d: usize = 0; d < <usize>D; d += 4) {
      const q = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(from + d)));
      v128.store(into + d * 4, f32x4.mul(f32x4.convert_i32x4_s(q), scale));
    }
    from += KD;
    scales += (KD / D) * 4;
    into += D * 4;
  }
}
