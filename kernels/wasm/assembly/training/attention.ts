/**
 * Causal attention of one sequence, and its backward: the equations of src/reference/attention.ts and of
 * src/training/backward/attention.ts, head by head as matrix products.
 *
 * layout   q, a: f32 [T HD]; k, v: f32 [T KD]; weights p of a head: f32 [T stride], stride of eight, 0 where nothing is seen
 * numbers  float32; a row's exponentials are added in four lanes, by their place modulo four; a row depends on its own query
 *          and on what it sees, not on the rows beside it
 */
import { exp } from "../exp";
import { transposed } from "./pack";
import { columns, rows } from "./product";

/** Scores become weights: p[s] = softmax_s(scale z[s]) of the first `seen`, and 0 from there to `end`, a multiple of four. */
export function softmax(p: usize, seen: i32, end: i32, scale: f32): void {
  const stop = <usize>seen << 2;
  for (let i = stop; i < <usize>end << 2; i += 4) store<f32>(p + i, -Infinity);
  let most = f32x4.splat(-Infinity);
  for (let i: usize = 0; i < stop; i += 16) most = f32x4.max(most, v128.load(p + i));
  const largest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  const shift = f32x4.splat(largest);
  const by = f32x4.splat(scale);
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < stop; i += 16) {
    const e = exp(f32x4.mul(f32x4.sub(v128.load(p + i), shift), by));
    v128.store(p + i, e);
    sum = f32x4.add(sum, e);
  }
  const total =
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
  const inverse = f32x4.splat(<f32>1 / total);
  for (let i: usize = 0; i < stop; i += 16) v128.store(p + i, f32x4.mul(v128.load(p + i), inverse));
  for (let i = (stop + 15) & ~15; i < <usize>end << 2; i += 16) v128.store(p + i, f32x4.splat(0));
}

/** A head's weights of every token: kt are its keys, transposed in panels. */
function weights(q: usize, row: usize, kt: usize, p: usize, T: i32, D: i32, zero: usize, edge: usize): void {
  const stride = (T + 7) & ~7;
  const scale = <f32>1 / Mathf.sqrt(<f32>D);
  const panel = <usize>D << 5;
  for (let t = 0; t < T; t += 4) {
    const count = min(4, T - t);
    const at = p + (<usize>(t * stride) << 2);
    rows(q + t * row, row, kt, 32, panel, zero, 0, at, <usize>stride << 2, count, D, (min(t + 4, T) + 7) & ~7, edge);
    for (let r = 0; r < count; r++) softmax(at + (<usize>(r * stride) << 2), t + r + 1, (min(t + 4, T) + 7) & ~7, scale);
  }
}

/** y[t] = sum_s x[t s] b[s] over the s up to t: x is 0 beyond. */
function seen(x: usize, b: usize, bk: usize, y: usize, row: usize, T: i32, D: i32, zero: usize, edge: usize): void {
  const stride = <usize>((T + 7) & ~7) << 2;
  for (let t = 0; t < T; t += 4) {
    const count = min(4, T - t);
    rows(x + t * stride, stride, b, bk, 32, zero, 0, y + t * row, row, count, min(t + 4, T), D, edge);
  }
}

/** y[s] += sum_t x[t s] b[t] over the t from s on: x is 0 before. */
function seeing(x: usize, b: usize, bk: usize, y: usize, row: usize, T: i32, D: i32, edge: usize): void {
  const stride = <usize>((T + 7) & ~7) << 2;
  for (let s = 0; s < T; s += 4) {
    const into = y + s * row;
    columns(x + s * stride + (<usize>s << 2), stride, 0, b + s * bk, bk, 32, into, row, into, row, min(4, T - s), T - s, D, edge);
  }
}

/** `edge`: 128 bytes for products, and after them room for panels of keys, (T + 8) D, and for weights, T stride. */
export function attend(
  q: usize, k: usize, v: usize, a: usize, T: i32, H: i32, K: i32, D: i32, zero: usize, edge: usize,
): void {
  const row = <usize>(H * D) << 2;
  const shared = <usize>(K * D) << 2;
  const head = <usize>D << 2;
  const kt = edge + 128;
  const p = kt + <usize>((T + 8) * D) * 4;
  const each = H / K;
  for (let g: usize = 0; g < <usize>K; g++) {
    transposed(k + g * head, shared, T, D, kt);
    for (let h = g * each; h < (g + 1) * each; h++) {
      weights(q + h * head, row, kt, p, T, D, zero, edge);
      seen(p, v + g * head, shared, a + h * head, row, T, D, zero, edge);
    }
  }
}

/** dp becomes dz: each row p (dp - sum p dp) scale. */
function softmaxBack(p: usize, dp: usize, T: i32, scale: f32): void {
  const stride = <usize>((T + 7) & ~7) << 2;
  const by = f32x4.splat(scale);
  for (let t = 0; t < T; t++) {
    const end = <usize>((min((t & ~3) + 4, T) + 7) & ~7) << 2;
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < end; i += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(p + i), v128.load(dp + i)));
    const mean = f32x4.splat(
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)),
    );
    for (let i: usize = 0; i < end; i += 16) {
      const dz = f32x4.mul(v128.load(p + i), f32x4.sub(v128.load(dp + i), mean));
      v128.store(dp + i, f32x4.mul(dz, by));
    }
    p += stride;
    dp += stride;
  }
}

/**
 * Gradients of q, k and v; those of k and v are added to. After `edge` there is room for as much again.
 */
export function attendBack(
  da: usize, q: usize, k: usize, v: usize, dq: usize, dk: usize, dv: usize, T: i32, H: i32, K: i32, D: i32, zero: usize, edge: usize,
): void {
  const row = <usize>(H * D) << 2;
  const shared = <usize>(K * D) << 2;
  const head = <usize>D << 2;
  const stride = (T + 7) & ~7;
  const kt = edge + 128;
  const p = kt + <usize>((T + 8) * D) * 4;
  const vt = p + <usize>(T * stride) * 4;
  const dp = vt + <usize>((T + 8) * D) * 4;
  const scale = <f32>1 / Mathf.sqrt(<f32>D);
  const each = H / K;
  for (let g: usize = 0; g < <usize>K; g++) {
    const at = g * head;
    transposed(k + at, shared, T, D, kt);
    transposed(v + at, shared, T, D, vt);
    for (let h = g * each * head; h < (g + 1) * each * head; h += head) {
      weights(q + h, row, kt, p, T, D, zero, edge);
      for (let t = 0; t < T; t += 4) {
        const into = dp + (<usize>(t * stride) << 2);
        const N = (min(t + 4, T) + 7) & ~7;
        rows(da + h + t * row, row, vt, 32, <usize>D << 5, zero, 0, into, <usize>stride << 2, min(4, T - t), D, N, edge);
      }
      softmaxBack(p, dp, T, scale);
      seen(dp, k + at, shared, dq + h, row, T, D, zero, edge);
      seeing(dp, q + h, row, dk + at, shared, T, D, edge);
      seeing(p, da + h, row, dv + at, shared, T, D, edge);
    }
  }
}

/**
 * One new token of each of R sequences against all it has seen, itself included.
 *
 * layout   caches: u32 [R], where each sequence's keys and values of this layer lie `layer` bytes further on: of each head,
 *          keys in panels [room / 8][D][8], then of each head, values [room D]; places: u32 [R]
 */
export function attendCached(
  q: usize, a: usize, caches: usize, layer: usize, places: usize, R: i32, H: i32, K: i32, D: i32, room: i32,
  zero: usize, edge: usize,
): void {
  const head = <usize>D << 2;
  const p = edge + 128;
  const each = H / K;
  const stride = <usize>room << 2;
  const scale = <f32>1 / Mathf.sqrt(<f32>D);
  for (let r = 0; r < R; r++) {
    const S = <i32>load<u32>(places + (r << 2)) + 1;
    const end = (S + 7) & ~7;
    for (let g: usize = 0; g < <usize>K; g++) {
      const keys = <usize>load<u32>(caches + (r << 2)) + layer + g * head * room;
      const values = keys + <usize>K * head * room;
      const from = (<usize>r * H + g * each) * head;
      rows(q + from, head, keys, 32, <usize>D << 5, zero, 0, p, stride, each, D, end, edge);
      for (let h = 0; h < each; h++) softmax(p + h * stride, S, end, scale);
      rows(p, stride, values, head, 32, zero, 0, a + from, head, each, S, D, edge);
    }
  }
}

/** Keeps keys and values of R tokens, each in its sequence's cache at its place. */
export function keep(
  k: usize, v: usize, caches: usize, layer: usize, places: usize, R: i32, K: i32, D: i32, room: i32,
): void {
  const head = <usize>D << 2;
  for (let r = 0; r < R; r++) {
    const place = <usize>load<u32>(places + (r << 2));
    for (let g: usize = 0; g < <usize>K; g++) {
      const cache = <usize>load<u32>(caches + (r << 2)) + layer + g * head * room;
      const keys = cache + (place >> 3) * (head << 3) + ((place & 7) << 2);
      for (let d: usize = 0; d < <usize>D; d++) store<f32>(keys + (d << 5), load<f32>(k + (d << 2)));
      memory.copy(cache + <usize>K * head * room + place * head, v, head);
      k += head;
      v += head;
    }
  }
}
