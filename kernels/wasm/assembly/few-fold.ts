/**
 * The second part of few.ts: lanes that lie aside become sums of blocks, and these, times their scales, a row's.
 */
import { fourHalves, half, upperHalves } from "./half";
import { Q4_0, Q4_1 } from "./few-lay";
import { total } from "./sums";

/** The sums of four blocks from their lanes. */
// @ts-ignore: decorator
@inline
function across4(p: usize): v128 {
  const a = v128.load(p);
  const b = v128.load(p, 16);
  const c = v128.load(p, 32);
  const d = v128.load(p, 48);
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** acc and what `quads` times four blocks add to it; Q4_1's minimums are added to those at low. Blocks begin at w. */
// @ts-ignore: decorator
@inline
export function fold(size: usize, acc: v128, w: usize, d: usize, n: usize, s: usize, quads: i32, p: usize, low: usize): v128 {
  const end = p + quads * 64;
  let least = size == Q4_1 ? v128.load(low) : f32x4.splat(0);
  while (p < end) {
    let sum = across4(p);
    let dw: v128;
    if (size == Q4_1) {
      let both = v128.load32_zero(w);
      both = v128.load32_lane(w + size, both, 1);
      both = v128.load32_lane(w + 2 * size, both, 2);
      both = v128.load32_lane(w + 3 * size, both, 3);
      dw = upperHalves(i32x4.shl(both, 16));
      least = f32x4.add(least, f32x4.mul(upperHalves(both), v128.load(s)));
      s += 16;
    } else {
      dw = fourHalves(w, size);
    }
    if (size == Q4_0) {
      sum = i32x4.add(sum, v128.load(n));
      n += 16;
    }
    acc = f32x4.add(acc, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(dw, v128.load(d))));
    w += 4 * size;
    d += 16;
    p += 64;
  }
  if (size == Q4_1) v128.store(low, least);
  return acc;
}

/** The lanes of acc, the `left` blocks after them, the bias, the minimums. */
// @ts-ignore: decorator
@inline
export function put(size: usize, acc: v128, left: i32, w: usize, d: usize, n: usize, s: usize, p: usize, low: usize, y: usize, bias: usize): void {
  let sum = total(acc);
  let least = size == Q4_1 ? total(v128.load(low)) : 0;
  for (let b = 0; b < left; b++) {
    const l = v128.load(p);
    let i = i32x4.extract_lane(l, 0) + i32x4.extract_lane(l, 1) + i32x4.extract_lane(l, 2) + i32x4.extract_lane(l, 3);
    if (size == Q4_0) i += load<i32>(n + b * 4);
    sum += <f32>i * (half(w) * load<f32>(d + b * 4));
    if (size == Q4_1) least += half(w + 2) * load<f32>(s + b * 4);
    w += size;
    p += 16;
  }
  if (bias != 0) sum += load<f32>(bias);
  store<f32>(y, size == Q4_1 ? sum + least : sum);
}
