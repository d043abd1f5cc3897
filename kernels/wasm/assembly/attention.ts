/**
 * Attention, the softmax streamed over blocks of positions (Milakov and Gimelshein 2018, arXiv 1805.02867):
 *
 *   m' = max(m, max_s x[s]),   l' = l e^(m - m') + sum_s e^(x[s] - m'),   a' = a e^(m - m') + sum_s e^(x[s] - m') v[s]
 *
 * with x[s] = q . k[s] / sqrt D over the block's positions s, and at last a / l.
 *
 * layout   q, out: f32 [T HD]; k, v: places of blocks (blocks.ts); scratch, f32, for each thread: scores of two heads, m and
 *          l of each head of a group, a block of keys and one of values; D is a multiple of four
 * numbers  float32 in lanes, e^x as in exp.ts. Blocks begin at multiples of 64 whatever T is, and a head of a token is the
 *          work of one thread, so neither threads nor chunks change a bit.
 * cost     4 S HD flops a token. The query heads of a group follow each other, two at a time, while their block of keys is in
 *          the cache; a block that is not float32 is widened once for all of them.
 */
import { BLOCK, f32Place, place, rowBytes, widen } from "./blocks";
import { exp } from "./exp";
import { mixOne, mixTwo } from "./mix";
import { scoresOne, scoresTwo } from "./scores";
import { total } from "./sums";

/** The largest of x; fills it up to a multiple of four with minus infinity. */
function largest(x: usize, count: i32): f32 {
  for (let s = count; s % 4 != 0; s++) store<f32>(x + s * 4, -Infinity);
  let most = v128.load(x);
  for (let s = 4; s < count; s += 4) most = f32x4.max(most, v128.load(x + s * 4));
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
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

/** Scores become weights, m and l of their head take them in; returns what is left of the weight of those before. */
function soften(x: usize, count: i32, sums: usize): f32 {
  const before = load<f32>(sums);
  const m = max(before, largest(x, count));
  const keep = f32x4.extract_lane(exp(f32x4.splat(before - m)), 0);
  store<f32>(sums, m);
  store<f32>(sums, load<f32>(sums, 4) * keep + exponentials(x, count, m), 4);
  return keep;
}

/** A block of keys k and values v, `row` bytes apart, meets the heads of a group. */
function block(
  q: usize,
  k: usize,
  kRow: usize,
  v: usize,
  vRow: usize,
  out: usize,
  heads: i32,
  D: i32,
  count: i32,
  state: usize,
): void {
  const scale = <f32>(1 / sqrt<f64>(D));
  const x = state;
  const y = state + BLOCK * 4;
  let sums = state + 2 * BLOCK * 4;
  const head: usize = D * 4;
  let h = 0;
  for (; h + 2 <= heads; h += 2) {
    scoresTwo(q, k, kRow, D, scale, count, x, y);
    const keep0 = soften(x, count, sums);
    const keep1 = soften(y, count, sums + 8);
    mixTwo(out, keep0, keep1, x, y, v, vRow, D, count);
    q += 2 * head;
    out += 2 * head;
    sums += 16;
  }
  if (h == heads) return;
  scoresOne(q, k, kRow, D, scale, count, x);
  mixOne(out, soften(x, count, sums), x, v, vRow, D, count);
}

/** The query heads of one token that share key head `kh`, against the first `seen` positions. */
function group(
  q: usize,
  k: usize,
  kFormat: i32,
  v: usize,
  vFormat: i32,
  kh: i32,
  out: usize,
  heads: i32,
  D: i32,
  KD: i32,
  seen: i32,
  state: usize,
): void {
  const sums = state + 2 * BLOCK * 4;
  const wideK = sums + 8 * heads;
  const wideV = wideK + BLOCK * D * 4;
  const kRow = rowBytes(kFormat, D, KD);
  const vRow = rowBytes(vFormat, D, KD);
  memory.fill(out, 0, <usize>heads * D * 4);
  for (let h = 0; h < heads; h++) {
    store<f32>(sums + h * 8, -Infinity);
    store<f32>(sums + h * 8, 0, 4);
  }
  for (let s = 0; s < seen; s += BLOCK) {
    const count = min(BLOCK, seen - s);
    const kAt = place(k, s);
    const vAt = place(v, s);
    if (kFormat != 0) widen(kAt, kFormat, kh, D, KD, count, wideK);
    if (vFormat != 0) widen(vAt, vFormat, kh, D, KD, count, wideV);
    block(q, f32Place(kAt, kFormat, kh, D, wideK), kRow, f32Place(vAt, vFormat, kh, D, wideV), vRow, out, heads, D, count, state);
  }
  for (let h = 0; h < heads; h++) {
    const l = f32x4.splat(load<f32>(sums + h * 8, 4));
    for (let d = 0; d < D; d += 4) {
      const at = out + (<usize>h * D + d) * 4;
      v128.store(at, f32x4.div(v128.load(at), l));
    }
  }
}

export function attention(
  thread: i32,
  threads: i32,
  q: usize,
  k: usize,
  kFormat: i32,
  v: usize,
  vFormat: i32,
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
  const state = scratch + <usize>thread * (2 * BLOCK + 2 * heads + 2 * BLOCK * D) * 4;
  // Later tokens see more: neighbours in this order are the key heads of one token.
  const units = T * keyHeads;
  for (let unit = thread; unit < units; unit += threads) {
    const t = unit / keyHeads;
    const kh = unit % keyHeads;
    const at = (<usize>t * HD + kh * heads * D) * 4;
    group(q + at, k, kFormat, v, vFormat, kh, out + at, heads, D, KD, S - T + t + 1, state);
  }
}
