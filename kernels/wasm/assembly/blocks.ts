/**
 * Blocks of 64 positions of keys or values of one key head, and how they become float32.
 *
 * layout   k: u32 places, one for each 64 positions, of the block of the first key head; the next one's is `stride` bytes on. A
 *          block has panels of eight columns:
 *            keys     [8 panels][d][8 positions]
 *            values   [D / 8 panels][64 positions][8 of d]
 *          format 0: f32; 1: bf16; 2: i8, and after them their scales f32 [64 positions]
 * numbers  exact for bf16; one rounding of q s for bytes, as the reference reads them
 */
export const BLOCK: i32 = 64;

/** Where the block of position s has the first key head. */
// @ts-ignore: decorator
@inline
export function place(blocks: usize, s: i32): usize {
  return <usize>load<u32>(blocks + (s / BLOCK) * 4);
}

/** The block of a head at `at` in float32: where it lies, or `into`, to which it is widened. */
export function widened(keys: bool, at: usize, format: i32, D: i32, into: usize): usize {
  if (format == 0) return at;
  if (format == 1) widenBf16(at, D, into);
  else if (keys) widenKeys(at, at + BLOCK * D, D, into);
  else widenValues(at, at + BLOCK * D, D, into);
  return into;
}

function widenBf16(from: usize, D: i32, into: usize): void {
  for (let i: usize = 0; i < <usize>(BLOCK * D); i += 8) {
    const x = v128.load(from + i * 2);
    v128.store(into + i * 4, i32x4.shl(i32x4.extend_low_i16x8_u(x), 16));
    v128.store(into + i * 4, i32x4.shl(i32x4.extend_high_i16x8_u(x), 16), 16);
  }
}

/** Eight bytes times eight scales, or twice the same four. */
// @ts-ignore: decorator
@inline
function widenEight(from: usize, low: v128, high: v128, into: usize): void {
  const x = v128.load8x8_s(from);
  v128.store(into, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)), low));
  v128.store(into, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), high), 16);
}

function widenKeys(from: usize, scales: usize, D: i32, into: usize): void {
  for (let panel = 0; panel < BLOCK / 8; panel++) {
    const low = v128.load(scales);
    const high = v128.load(scales, 16);
    for (let d = 0; d < D; d++) {
      widenEight(from, low, high, into);
      from += 8;
      into += 32;
    }
    scales += 32;
  }
}

function widenValues(from: usize, scales: usize, D: i32, into: usize): void {
  for (let panel = 0; panel < D / 8; panel++) {
    for (let s = 0; s < BLOCK; s++) {
      const scale = v128.load32_splat(scales + s * 4);
      widenEight(from, scale, scale, into);
      from += 8;
      into += 32;
    }
  }
}
