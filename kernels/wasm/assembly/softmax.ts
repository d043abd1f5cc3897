/**
 * How the softmax of spans meets (Milakov and Gimelshein 2018, arXiv 1805.02867), in powers of two:
 *
 *   m' = max(m, n),   l' = l 2^(m - m') + k 2^(n - m'),   a' = a 2^(m - m') + b 2^(n - m')   of (m, l, a) and (n, k, b)
 *
 * layout   m and l: f32 [2]; a: f32 [D]
 * numbers  float32 in lanes, 2^t as in exp2.ts; sums and products are rounded by themselves
 */
import { exp2 } from "./exp2";

/** Merges (n, k, b) of the next span into (m, l, a); the first is taken as it is. */
export function merge(first: bool, sums: usize, a: usize, next: usize, b: usize, D: i32): void {
  if (first) {
    store<f64>(sums, load<f64>(next));
    memory.copy(a, b, <usize>D * 4);
    return;
  }
  const m = load<f32>(sums);
  const n = load<f32>(next);
  const most = max(m, n);
  const shares = exp2(f32x4(m - most, n - most, 0, 0));
  const keep = f32x4.extract_lane(shares, 0);
  const share = f32x4.extract_lane(shares, 1);
  store<f32>(sums, most);
  store<f32>(sums, load<f32>(sums, 4) * keep + load<f32>(next, 4) * share, 4);
  for (let d: usize = 0; d < <usize>D * 4; d += 16) {
    const kept = f32x4.mul(v128.load(a + d), f32x4.splat(keep));
    v128.store(a + d, f32x4.add(kept, f32x4.mul(v128.load(b + d), f32x4.splat(share))));
  }
}

/** a / l. */
export function divide(sums: usize, a: usize, D: i32): void {
  const l = f32x4.splat(load<f32>(sums, 4));
  for (let d: usize = 0; d < <usize>D * 4; d += 16) v128.store(a + d, f32x4.div(v128.load(a + d), l));
}
