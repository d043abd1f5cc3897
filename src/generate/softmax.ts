/**
 * Softmax in float32 to the last bit of PyTorch's CPU kernel, because its roundings decide which tokens top-p and min-p
 * keep: logits made from round probabilities fall exactly on the thresholds.
 *
 *   p[i] = e[i] * (1 / sum e),   e[i] = exp(x[i] - max x)
 *
 * numbers  everything in float32. The sum runs in 16 lanes, place modulo 16, added as halves (8 + 8, 4 + 4, ...); rows
 *          shorter than 16 are summed from left to right. This is the AVX-512 kernel; with AVX2 it has 8 lanes, and the
 *          last bit of the sum may differ.
 * source   PyTorch 2.13 aten/src/ATen/native/cpu/SoftMaxKernel.cpp; Sleef 3 xexpf (1.0 ulp) with fused multiply-add
 */
const { fround } = Math;

const LANES = 16;
/** ln 2 in two float32 parts, so that q ln 2 is subtracted without loss. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = fround(1.428606765330187e-6);
const LOG2_E = fround(Math.LOG2E);
/** (e^s - 1 - s) / s^2 on |s| <= ln 2 / 2, highest power first. */
const POLYNOMIAL = [0.000198527617612853646, 0.00139304355252534151, 0.00833336077630519867, 0.0416664853692054749]
  .concat([0.166666671633720398, 0.5])
  .map(fround);

/** e^x for x <= 0 as Sleef's float32 exponential has it; 0 below -104. */
export function expFloat32(x: number): number {
  if (x < -104) return 0;
  const q = roundToEven(fround(x * LOG2_E));
  let s = fround(x - q * LN2_HIGH);
  s = fround(s - q * LN2_LOW);
  let u = POLYNOMIAL[0]!;
  for (let i = 1; i < POLYNOMIAL.length; i++) u = fround(u * s + POLYNOMIAL[i]!);
  u = fround(1 + fround(fround(s * s) * u + s));
  return fround(u * 2 ** q);
}

/**
 * Probabilities of the entries of a row that are not minus infinity.
 *
 * `scores[i]` stands at place `places[i]` (ascending) of a row of `width`; every other place holds minus infinity, which
 * adds nothing but decides the lane, and so the order of the sum.
 */
export function softmaxFloat32(scores: Float32Array, places: ArrayLike<number>, width: number): Float32Array {
  let max = -Infinity;
  for (const x of scores) max = Math.max(max, x);
  const p = new Float32Array(scores.length);
  const lanes = new Float32Array(width < LANES ? 1 : LANES);
  for (let i = 0; i < p.length; i++) {
    p[i] = expFloat32(fround(scores[i]! - max));
    lanes[places[i]! % lanes.length]! += p[i]!;
  }
  for (let half = lanes.length / 2; half >= 1; half /= 2) {
    for (let i = 0; i < half; i++) lanes[i]! += lanes[i + half]!;
  }
  const scale = fround(1 / lanes[0]!);
  for (let i = 0; i < p.length; i++) p[i]! *= scale;
  return p;
}

/** Nearest integer, halves to even, as the processor rounds. */
function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** ln(sum of e^x) in float64; x must hold a number that is not minus infinity. */
export function logSumExp(x: Float32Array): number {
  let max = -Infinity;
  for (const v of x) max = Math.max(max, v);
  let sum = 0;
  for (const v of x) sum += Math.exp(v - max);
  return max + Math.log(sum);
}
