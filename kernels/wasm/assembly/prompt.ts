/**
 * linear for the many tokens of a prompt, weights in any block format, activations in integers: everything is unpacked once,
 * and what is inside is products and sums of integers alone (tile/index.ts).
 *
 *   y[t o] = sum_k sw[o k] sx[t k] (sum_i w[o k i] x[t k i]) + bias[o]          k: chunks of 256 columns
 *
 * layout   x: i16 [k][padded T][256], sx: f32 [k][padded T], both made by quantise_chunks
 * numbers  weights of a row in a chunk are rounded to whole numbers of one scale, |w| <= 4092, twelve bits; activations of a
 *          token in a chunk likewise, with |x| <= 32708 in the square norm, some twelve to fifteen bits each. So
 *          |sum w x| <= 16 * 4092 * 32708 < 2^31 (Cauchy and Schwarz): no sum overflows, whatever came. Chunks are added in
 *          float32, one after another, then the bias. A token's row depends on nothing but its own activations: neither
 *          threads nor tiles nor the tokens beside it change a bit. It does differ from what the kernels for few tokens give,
 *          which round otherwise.
 *          What is not finite comes out not finite; below 2^-120 of a unit counts as zero.
 * source   the unpacked panels: Goto and van de Geijn, Anatomy of high-performance matrix multiplication
 */
import { BLOCKS, LEAST, PANEL, panels, ROWS } from "./panel";
import { first } from "./share";
import { sizeOf } from "./unpack";

/** Columns of a chunk. */
const COLUMNS: i32 = 256;
/** What the norm of a token's chunk becomes: 2^15 less what rounding may add. */
const NORM: f32 = 32700;

/** The inside: c += w x over the columns of a chunk; module.ts chooses which of tile/index.ts. */
// @ts-ignore: decorator
@external("env", "sweep")
declare function sweep(w: usize, sw: usize, x: usize, sx: usize, columns: i32, T: i32, c: usize): void;

/** Tokens that x has room for: whole tiles, by two or by three. */
// @ts-ignore: decorator
@inline
function padded(T: i32): i32 {
  return ((T + 5) / 6) * 6;
}

/** The scale that brings `count` values to NORM. */
// @ts-ignore: decorator
@inline
function scaleOf(x: usize, count: usize): f32 {
  let m = f32x4.splat(0);
  for (let i: usize = 0; i < count * 4; i += 16) m = f32x4.max(m, f32x4.abs(v128.load(x + i)));
  const most = max(
    max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)),
    max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)),
  );
  if (most < LEAST) return LEAST;
  const inverse = f32x4.splat(1 / most);
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < count * 4; i += 16) {
    const v = f32x4.mul(v128.load(x + i), inverse);
    squares = f32x4.add(squares, f32x4.mul(v, v));
  }
  const sum =
    f32x4.extract_lane(squares, 0) +
    f32x4.extract_lane(squares, 1) +
    (f32x4.extract_lane(squares, 2) + f32x4.extract_lane(squares, 3));
  return max(LEAST, (most / NORM) * sqrt<f32>(sum));
}

/** Activations as integers by chunks. `n` and `s` are what other kernels of activations take. */
export function quantise_chunks(thread: i32, threads: i32, x: usize, q: usize, d: usize, T: i32, I: i32, n: usize, s: usize): void {
  const chunks = (I + COLUMNS - 1) / COLUMNS;
  const room = padded(T);
  const end = first(T, 1, thread + 1, threads);
  for (let t = first(T, 1, thread, threads); t < end; t++) {
    for (let k = 0; k < chunks; k++) {
      const from = x + (t * I + k * COLUMNS) * 4;
      const count: usize = min(COLUMNS, I - k * COLUMNS);
      const scale = scaleOf(from, count);
      store<f32>(d + (k * room + t) * 4, scale);
      const inverse = f32x4.splat(1 / scale);
      const into = q + (k * room + t) * COLUMNS * 2;
      for (let i: usize = 0; i < count * 4; i += 32) {
        const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + i), inverse)));
        const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from + i, 16), inverse)));
        v128.store(into + i / 2, i16x8.narrow_i32x4_s(low, high));
      }
    }
  }
}

/** The sums of `rows` rows, and their biases, into columns of y. */
// @ts-ignore: decorator
@inline
function deliver(c: usize, rows: i32, T: i32, y: usize, stride: i32, bias: usize): void {
  for (let t = 0; t < T; t++) {
    let r: i32 = 0;
    for (; r + 4 <= rows; r += 4) {
      const sum = v128.load(c + r * 4);
      v128.store(y + r * 4, bias == 0 ? sum : f32x4.add(sum, v128.load(bias + r * 4)));
    }
    for (; r < rows; r++) {
      const sum = load<f32>(c + r * 4);
      store<f32>(y + r * 4, bias == 0 ? sum : sum + load<f32>(bias + r * 4));
    }
    c += ROWS * 4;
    y += stride * 4;
  }
}

/** Bytes of a thread's scratch: c, panels with their scales, what panel.ts needs behind them. linear.ts makes it. */
// @ts-ignore: decorator
@inline
function scratchBytes(T: i32, blocks: i32): usize {
  const chunks: usize = (blocks + BLOCKS - 1) / BLOCKS;
  return <usize>padded(T) * 64 + chunks * (PANEL + 64 + BLOCKS * 304);
}

/** The number of a panel that nobody has taken yet; `next` counts those that are. */
// @ts-ignore: decorator
@inline
function take(next: usize): i32 {
  if (ASC_FEATURE_THREADS) return atomic.add<i32>(next, 1);
  const panel = load<i32>(next);
  store<i32>(next, panel + 1);
  return panel;
}

/**
 * O rows of W into columns of y, whose rows are `stride` wide. `format` is unpack.ts's number. A thread that is free takes the
 * next panel, by the count at `next`, 0 before: one that the system holds up leaves the others more.
 */
export function linear_chunks(
  thread: i32,
  threads: i32,
  q: usize,
  d: usize,
  W: usize,
  bias: usize,
  y: usize,
  T: i32,
  I: i32,
  O: i32,
  stride: i32,
  scratch: usize,
  next: usize,
  starts: usize,
  format: i32,
): void {
  const blocks = I / 32;
  const chunks = (blocks + BLOCKS - 1) / BLOCKS;
  const row = sizeOf(format, blocks);
  const room = padded(T);
  const c = scratch + <usize>thread * ((scratchBytes(T, blocks) + 63) & ~63);
  const w = c + room * 64;
  const sw = w + chunks * PANEL;
  for (let o = take(next) * ROWS; o < O; o = take(next) * ROWS) {
    const rows = min(ROWS, O - o);
    panels(format, W + o * row, row, rows, blocks, w, sw, sw + chunks * 64);
    memory.fill(c, 0, room * 64);
    for (let k = 0; k < chunks; k++) {
      const at: usize = k * room;
      const columns = min(COLUMNS, I - k * COLUMNS);
      sweep(w + k * PANEL, sw + k * 64, q + at * 512, d + at * 4, columns, T, c);
    }
    deliver(c, rows, T, y + o * 4, stride, bias == 0 ? 0 : bias + o * 4);
  }
}
