import { HALF } from "./f16.ts";
import { farthest } from "./narrow-q4_0.ts";
import { half, MOST_HALF, type Narrow, roundEven } from "./narrowing.ts";
import { Q6_K as FORMAT } from "./q6_k.ts";

const round = Math.fround;

/** Below this, ggml takes all for zero. */
const NOTHING = round(1e-15);

const level = (x: number): number => Math.max(-32, Math.min(31, roundEven(x)));

/** Where the search stands: the scale that is best so far, and what it is judged by. */
const found = { scale: 0, best: 0 };

/**
 * The scale under which levels from -32 to 31 come nearest to 16 values, the large ones weighing more.
 *
 *   q[i] = level(x[i] / s'),   s = sum w x q / sum w q^2,   w = x^2,   s' = -farthest / (32 + k/10),   k from -9 to 9
 *
 * For the levels of one s' that s is the best; of all s' the one that leaves the least error is taken. `into` gets its
 * levels, from 0 to 63.
 */
function bestScale(x: Float32Array, from: number, into: Int8Array, to: number): number {
  const far = farthest(x, from, 16);
  if (Math.abs(far) < NOTHING) {
    into.fill(0, to, to + 16);
    return 0;
  }
  found.best = -1;
  attempt(x, from, round(-32 / far), into, to);
  for (let k = -9; k <= 9; k++) {
    if (k !== 0) attempt(x, from, round(-round(32 + round(round(0.1) * k)) / far), into, to);
  }
  return found.scale;
}

/** One s', by its inverse; the first is taken whatever it leaves. */
function attempt(x: Float32Array, from: number, inverse: number, into: Int8Array, to: number): void {
  let [xq, qq] = [0, 0];
  for (let i = 0; i < 16; i++) {
    const value = x[from + i]!;
    const q = level(round(inverse * value));
    const w = round(value * value);
    xq = round(xq + round(round(w * value) * q));
    qq = round(qq + round(round(w * q) * q));
  }
  const first = found.best === -1;
  if (!first && !(qq > 0 && round(xq * xq) > round(found.best * qq))) return;
  for (let i = 0; i < 16; i++) into[to + i] = 32 + level(round(inverse * x[from + i]!));
  found.scale = qq === 0 ? 0 : round(xq / qq);
  found.best = round(found.scale * xq);
}

const LEVELS = new Int8Array(256);
const SCALES = new Float32Array(16);

/** Sixteen scales as bytes under one half, then every value to the nearest level under what they have become. */
function narrowBlock(values: Float32Array, from: number, into: Uint8Array, at: number): void {
  for (let g = 0; g < 16; g++) SCALES[g] = bestScale(values, from + 16 * g, LEVELS, 16 * g);
  const far = farthest(SCALES, 0, 16);
  if (Math.abs(far) < NOTHING) return void into.fill(0, at, at + 210);
  const inverse = round(-128 / far);
  const bits = half(round(1 / inverse));
  for (let g = 0; g < 16; g++) {
    const s = Math.min(127, roundEven(round(inverse * SCALES[g]!)));
    into[at + 192 + g] = s;
    const d = round(HALF[bits]! * s);
    if (d === 0) continue;
    for (let i = 16 * g; i < 16 * g + 16; i++) LEVELS[i] = 32 + level(round(values[from + i]! / d));
  }
  into[at + 208] = bits;
  into[at + 209] = bits >>> 8;
  pack(into, at);
}

/** As q6_k.ts reads them: two bytes of low bits and one of high bits hold the levels of four groups. */
function pack(into: Uint8Array, at: number): void {
  for (let i = 0; i < 64; i++) {
    const y = 128 * (i >> 5) + (i & 31);
    const [a, b, c, d] = [LEVELS[y]!, LEVELS[y + 32]!, LEVELS[y + 64]!, LEVELS[y + 96]!];
    const n = at + 64 * (i >> 5) + (i & 31);
    into[n] = (a & 15) | ((c & 15) << 4);
    into[n + 32] = (b & 15) | ((d & 15) << 4);
    into[at + 128 + i] = (a >> 4) | ((b >> 4) << 2) | ((c >> 4) << 4) | ((d >> 4) << 6);
  }
}

/**
 * To Q6_K: the scale of each 16 values is searched, so that their squared error, weighted by the squared value, is small.
 *
 * layout   as q6_k.ts
 * numbers  float32, each operation rounded, sums from the first value to the last: ggml's bytes
 * source   ggml: quantize_row_q6_K_ref, make_qx_quants
 * golden   quant/narrow.safetensors
 */
export const Q6_K: Narrow = {
  format: FORMAT,
  most: 2 ** 10 * MOST_HALF,
  narrow(values, from, blocks, into, at) {
    for (let b = 0; b < blocks; b++) narrowBlock(values, from + 256 * b, into, at + 210 * b);
  },
};
