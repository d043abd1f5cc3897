/**
 * The softmax of a span of positions, and how spans meet (Milakov and Gimelshein 2018, arXiv 1805.02867):
 *
 *   m = max_s x[s],   l = sum_s e^(x[s] - m),   a = sum_s e^(x[s] - m) v[s]          of each span
 *   m' = max(m, n),   l' = l e^(m - m') + k e^(n - m'),   a' = a e^(m - m') + b e^(n - m')   of (m, l, a) and (n, k, b)
 *
 * layout   m and l: f32 [head][2]
 * numbers  float32 in lanes, e^x as in exp.ts
 */
import { exp } from "./exp";
import { total } from "./sums";

/** The largest of x; fills it up to a multiple of sixteen with minus infinity. NaN is passed over: its weight is NaN. */
function largest(x: usize, count: i32): f32 {
  for (let s = count; s % 16 != 0; s++) store<f32>(x + s * 4, -Infinity);
  let m0 = f32x4.splat(-Infinity);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  for (let s = 0; s < count; s += 16) {
    const at = x + s * 4;
    m0 = f32x4.pmax(m0, v128.load(at));
    m1 = f32x4.pmax(m1, v128.load(at, 16));
    m2 = f32x4.pmax(m2, v128.load(at, 32));
    m3 = f32x4.pmax(m3, v128.load(at, 48));
  }
  m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
  return max(
    max(f32x4.extract_lane(m0, 0), f32x4.extract_lane(m0, 1)),
    max(f32x4.extract_lane(m0, 2), f32x4.extract_lane(m0, 3)),
  );
}

/** Products x become weights e^(x scale - m); m and l go to `sums`. */
export function soften(x: usize, count: i32, scale: f32, sums: usize): void {
  const m = largest(x, count) * scale;
  let l0 = f32x4.splat(0);
  let l1 = f32x4.splat(0);
  for (let s = 0; s < count; s += 8) {
    const at = x + s * 4;
    const e0 = exp(f32x4.sub(f32x4.mul(v128.load(at), f32x4.splat(scale)), f32x4.splat(m)));
    const e1 = exp(f32x4.sub(f32x4.mul(v128.load(at, 16), f32x4.splat(scale)), f32x4.splat(m)));
    v128.store(at, e0);
    v128.store(at, e1, 16);
    l0 = f32x4.add(l0, e0);
    l1 = f32x4.add(l1, e1);
  }
  store<f32>(sums, m);
  store<f32>(sums, total(f32x4.add(l0, l1)), 4);
}

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
  const shares = exp(f32x4(m - most, n - most, 0, 0));
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
