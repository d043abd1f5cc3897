/**
 * Attention, the softmax streamed over blocks of positions (Milakov and Gimelshein 2018, arXiv 1805.02867):
 *
 *   m' = max(m, max_s x[s]),   l' = l e^(m - m') + sum_s e^(x[s] - m'),   a' = a e^(m - m') + sum_s e^(x[s] - m') v[s]
 *
 * with x[s] = q . k[s] / sqrt D over the block's positions s, and at last a / l.
 *
 * layout   q, out: f32 [T HD]; k, v: f32 [S KD]; scratch: f32, D + 64 for each thread; D is a multiple of four
 * numbers  float32 in lanes, e^x as in exp.ts. Blocks begin at multiples of 64 whatever T is, and a token is the work of
 *          one thread, so neither threads nor chunks change a bit.
 * cost     4 S HD flops a token. The query heads of a group follow each other, while their block of keys is in the cache.
 */
import { exp } from "./exp";
import { first } from "./share";
import { total } from "./q8_0";

const BLOCK: i32 = 64;

/** x[s] = q . k[s] scale for `count` positions; returns the largest. Fills up to a multiple of four with minus infinity. */
function scores(q: usize, k: usize, row: usize, D: i32, scale: f32, count: i32, x: usize): f32 {
  let most: f32 = -Infinity;
  for (let s = 0; s < count; s++) {
    let sum = f32x4.splat(0);
    for (let d: usize = 0; d < <usize>D * 4; d += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(q + d), v128.load(k + d)));
    const score = total(sum) * scale;
    store<f32>(x + s * 4, score);
    most = max(most, score);
    k += row;
  }
  for (let s = count; s % 4 != 0; s++) store<f32>(x + s * 4, -Infinity);
  return most;
}

/** x[s] becomes e^(x[s] - m); returns their sum. */
function exponentials(x: usize, count: i32, m: f32): f32 {
  let sum = f32x4.splat(0);
  for (let s = 0; s < count; s += 4) {
    const e = exp(f32x4.sub(v128.load(x + s * 4), f32x4.splat(m)));
    v128.store(x + s * 4, e);
    sum = f32x4.add(sum, e);
  }
  return total(sum);
}

/** a = a keep + sum_s p[s] v[s], sixteen channels at a time and then four. */
function mix(a: usize, keep: f32, p: usize, v: usize, row: usize, D: i32, count: i32): void {
  const k = f32x4.splat(keep);
  let d = 0;
  for (; d + 16 <= D; d += 16) {
    const at = a + d * 4;
    let a0 = f32x4.mul(v128.load(at), k);
    let a1 = f32x4.mul(v128.load(at, 16), k);
    let a2 = f32x4.mul(v128.load(at, 32), k);
    let a3 = f32x4.mul(v128.load(at, 48), k);
    let from = v + d * 4;
    for (let s = 0; s < count; s++) {
      const w = v128.load32_splat(p + s * 4);
      a0 = f32x4.add(a0, f32x4.mul(w, v128.load(from)));
      a1 = f32x4.add(a1, f32x4.mul(w, v128.load(from, 16)));
      a2 = f32x4.add(a2, f32x4.mul(w, v128.load(from, 32)));
      a3 = f32x4.add(a3, f32x4.mul(w, v128.load(from, 48)));
      from += row;
    }
    v128.store(at, a0);
    v128.store(at, a1, 16);
    v128.store(at, a2, 32);
    v128.store(at, a3, 48);
  }
  for (; d < D; d += 4) {
    let a0 = f32x4.mul(v128.load(a + d * 4), k);
    let from = v + d * 4;
    for (let s = 0; s < count; s++) {
      a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(p + s * 4), v128.load(from)));
      from += row;
    }
    v128.store(a + d * 4, a0);
  }
}

/** One group of query heads of one token, against the first `seen` positions of its key head. */
function group(q: usize, k: usize, v: usize, out: usize, heads: i32, D: i32, row: usize, seen: i32, state: usize): void {
  const scale = <f32>(1 / sqrt<f64>(D));
  const x = state;
  const sums = state + BLOCK * 4;
  memory.fill(out, 0, <usize>heads * D * 4);
  for (let h = 0; h < heads; h++) {
    store<f32>(sums + h * 8, -Infinity);
    store<f32>(sums + h * 8, 0, 4);
  }
  for (let s = 0; s < seen; s += BLOCK) {
    const count = min(BLOCK, seen - s);
    for (let h = 0; h < heads; h++) {
      const a = out + <usize>h * D * 4;
      const before = load<f32>(sums + h * 8);
      const m = max(before, scores(q + <usize>h * D * 4, k + s * row, row, D, scale, count, x));
      const keep = f32x4.extract_lane(exp(f32x4.splat(before - m)), 0);
      const sum = exponentials(x, count, m);
      store<f32>(sums + h * 8, m);
      store<f32>(sums + h * 8, load<f32>(sums + h * 8, 4) * keep + sum, 4);
      mix(a, keep, x, v + s * row, row, D, count);
    }
  }
  for (let h = 0; h < heads; h++) {
    const l = f32x4.splat(load<f32>(sums + h * 8, 4));
    for (let d = 0; d < D; d += 4) {
      const at = out + (<usize>h * D + d) * 4;
      v128.store(at, f32x4.div(v128.load(at), l));
    }
  }
}

/** `scratch` has room for 64 + 2 heads of a group float32 a thread. */
export function attention(
  thread: i32,
  threads: i32,
  q: usize,
  k: usize,
  v: usize,
  out: usize,
  T: i32,
  S: i32,
  HD: i32,
  KD: i32,
  D: i32,
  scratch: usize,
): void {
  const heads = HD / KD;
  const keyHeads = KD / D;
  const state = scratch + thread * (BLOCK + 2 * heads) * 4;
  const row = <usize>KD * 4;
  // Later tokens see more: neighbours in this order are the key heads of one token.
  const units = T * keyHeads;
  for (let unit = thread; unit < units; unit += threads) {
    const t = unit / keyHeads;
    const kh = unit % keyHeads;
    const at = (<usize>t * HD + kh * heads * D) * 4;
    const from = <usize>kh * D * 4;
    group(q + at, k + from, v + from, out + at, heads, D, row, S - T + t + 1, state);
  }
}
