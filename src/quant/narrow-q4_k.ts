import { HALF } from "./f16.ts";
import { half, MOST_HALF, type Narrow, roundEven } from "./narrowing.ts";
import { minOf, Q4_K as FORMAT, scaleOf } from "./q4_k.ts";

const round = Math.fround;

const level = (x: number): number => Math.max(0, Math.min(15, roundEven(x)));

const WEIGHTS = new Float32Array(32);
const TRIED = new Uint8Array(32);
const LEVELS = new Uint8Array(256);
const SCALES = new Float32Array(8);
const MINS = new Float32Array(8);

/** What the search knows of its 32 values: sums of w and w x; and where it stands, `min` at first the least, at most 0. */
interface Search {
  x: Float32Array;
  from: number;
  w: number;
  wx: number;
  scale: number;
  min: number;
  error: number;
}

const search: Search = { x: new Float32Array(0), from: 0, w: 0, wx: 0, scale: 0, min: 0, error: 0 };

/**
 * Scale and minimum under which levels from 0 to 15 come nearest to 32 values, w = rms(x) + |x| their weights.
 *
 *   q[i] = level((x[i] - min) r / (high - min)),   r = 15, then 14, 14.1, ... 16
 *
 * For the levels of one r the best scale and minimum follow from two linear equations; those that leave less error
 * than all before are taken, and the next r goes on from their minimum. `LEVELS` gets their levels from `to` on, SCALES[g] the scale, MINS[g] minus the minimum.
 */
function bestLine(x: Float32Array, from: number, g: number): void {
  const high = begin(x, from);
  const low = search.min;
  const to = 32 * g;
  SCALES[g] = 0;
  MINS[g] = -low;
  if (high === low) return void LEVELS.fill(0, to, to + 32);
  const first = round(15 / round(high - low));
  search.scale = round(1 / first);
  tryLevels(first);
  search.error = errorOf(search.scale, low);
  LEVELS.set(TRIED, to);
  for (let k = 0; k <= 20; k++) {
    attempt(round(round(round(-1 + round(round(0.1) * k)) + 15) / round(high - search.min)), to);
  }
  SCALES[g] = search.scale;
  MINS[g] = -search.min;
}

/** The weights and what they sum up to; returns the largest value. */
function begin(x: Float32Array, from: number): number {
  let squares = 0;
  for (let i = from; i < from + 32; i++) squares = round(squares + round(x[i]! * x[i]!));
  const rms = round(Math.sqrt(round(squares / 32)));
  let [w, wx, low, high] = [0, 0, x[from]!, x[from]!];
  for (let i = 0; i < 32; i++) {
    const value = x[from + i]!;
    const weight = round(rms + Math.abs(value));
    WEIGHTS[i] = weight;
    w = round(w + weight);
    wx = round(wx + round(weight * value));
    if (value < low) low = value;
    if (value > high) high = value;
  }
  search.x = x;
  search.from = from;
  search.w = w;
  search.wx = wx;
  search.min = low > 0 ? 0 : low;
  return high;
}

function tryLevels(inverse: number): void {
  const { x, from, min } = search;
  for (let i = 0; i < 32; i++) TRIED[i] = level(round(inverse * round(x[from + i]! - min)));
}

/** Of the levels tried. */
function errorOf(scale: number, min: number): number {
  const { x, from } = search;
  let error = 0;
  for (let i = 0; i < 32; i++) {
    const off = round(round(round(scale * TRIED[i]!) + min) - x[from + i]!);
    error = round(error + round(WEIGHTS[i]! * round(off * off)));
  }
  return error;
}

function attempt(inverse: number, to: number): void {
  tryLevels(inverse);
  const { x, from, w, wx } = search;
  let [q, qq, xq] = [0, 0, 0];
  for (let i = 0; i < 32; i++) {
    const wq = round(WEIGHTS[i]! * TRIED[i]!);
    q = round(q + wq);
    qq = round(qq + round(wq * TRIED[i]!));
    xq = round(xq + round(wq * x[from + i]!));
  }
  const D = round(round(w * qq) - round(q * q));
  if (!(D > 0)) return;
  let scale = round(round(round(w * xq) - round(wx * q)) / D);
  let min = round(round(round(qq * wx) - round(q * xq)) / D);
  if (min > 0) [min, scale] = [0, round(xq / qq)];
  const error = errorOf(scale, min);
  if (!(error < search.error)) return;
  search.error = error;
  search.scale = scale;
  search.min = min;
  LEVELS.set(TRIED, to);
}

/** Eight scales and minima in 6 bits under two halves, then every value to the nearest level of what they have become. */
function narrowBlock(values: Float32Array, from: number, into: Uint8Array, at: number): void {
  for (let g = 0; g < 8; g++) bestLine(values, from + 32 * g, g);
  const [d, dmin] = [half(sixBits(SCALES)), half(sixBits(MINS))];
  packScales(into, at);
  into[at] = d;
  into[at + 1] = d >>> 8;
  into[at + 2] = dmin;
  into[at + 3] = dmin >>> 8;
  for (let g = 0; g < 8; g++) {
    const scale = round(HALF[d]! * scaleOf(into, at + 4, g));
    if (scale === 0) continue;
    const min = round(HALF[dmin]! * minOf(into, at + 4, g));
    for (let i = 32 * g; i < 32 * g + 32; i++) LEVELS[i] = level(round(round(values[from + i]! + min) / scale));
  }
  for (let i = 0; i < 128; i++) {
    const y = 64 * (i >> 5) + (i & 31);
    into[at + 16 + i] = LEVELS[y]! | (LEVELS[y + 32]! << 4);
  }
}

/** The unit in which the largest of eight is 63; 0 where none is above 0. */
function sixBits(eight: Float32Array): number {
  return round(Math.max(0, ...eight) / 63);
}

/** The twelve bytes that `scaleOf` and `minOf` read. */
function packScales(into: Uint8Array, at: number): void {
  const inUnits = (eight: Float32Array) => {
    const most = Math.max(0, ...eight);
    const inverse = most > 0 ? round(63 / most) : 0;
    return (g: number) => Math.min(63, roundEven(round(inverse * eight[g]!)));
  };
  const [scale, min] = [inUnits(SCALES), inUnits(MINS)];
  for (let g = 0; g < 4; g++) {
    into[at + 4 + g] = (scale(g) & 63) | ((scale(g + 4) >> 4) << 6);
    into[at + 8 + g] = (min(g) & 63) | ((min(g + 4) >> 4) << 6);
    into[at + 12 + g] = (scale(g + 4) & 15) | ((min(g + 4) & 15) << 4);
  }
}

/**
 * To Q4_K: scale and minimum of each 32 values are searched, so that their weighted squared error is small.
 *
 * layout   as q4_k.ts
 * numbers  float32, each operation rounded, sums from the first value to the last: ggml's bytes. Where a scale is so much
 *          smaller than its block's minima that a quotient passes 2^22, ggml's trick of rounding gives an arbitrary level
 *          and this one the nearest.
 * source   ggml: quantize_row_q4_K_ref, make_qkx2_quants
 * golden   quant/narrow.safetensors
 */
export const Q4_K: Narrow = {
  format: FORMAT,
  most: 63 * MOST_HALF,
  narrow(values, from, blocks, into, at) {
    for (let b = 0; b < blocks; b++) narrowBlock(values, from + 256 * b, into, at + 144 * b);
  },
};
