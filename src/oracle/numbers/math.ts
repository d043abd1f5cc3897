/**
 * Exponential, sine and cosine from additions, products and quotients alone, so that every JavaScript engine gives the
 * same bits: the language leaves the last bits of Math.exp, Math.sin and Math.cos to the engine.
 *
 * source   argument reduction in two and three parts as in fdlibm (Sun 1993); Taylor polynomials
 */

const LN2_HIGH = 0.6931471803691238; // its last 21 bits are zero, so that k LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10;
const HALF_PI_1 = 1.5707963267341256; // 33 bits each, then the rest
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487959506e-21;

const word = new Float64Array(1);
const bits = new Int32Array(word.buffer);

/** 2^k for -1022 <= k <= 1023, exactly. */
export function power2(k: number): number {
  bits[0] = 0;
  bits[1] = (k + 1023) << 20;
  return word[0]!;
}

/** e^x, within 1 ulp; infinite above 709.78, and 0 below -708, where no one here looks. */
export function exp(x: number): number {
  if (x > 709.7) return x > 709.782712893384 ? Infinity : exp(x - 1) * Math.E;
  if (x < -708) return x < -708 ? 0 : NaN;
  if (x !== x) return x;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * r) / n;
  return k > 1023 ? sum * 2 * power2(k - 1) : sum * power2(k);
}

/** The sine and the cosine of x, each within 1e-16 for |x| < 2^20. */
export function sinCos(x: number): [sin: number, cos: number] {
  const k = Math.round(x / (Math.PI / 2));
  const r = x - k * HALF_PI_1 - k * HALF_PI_2 - k * HALF_PI_3;
  const square = r * r;
  let sin = 1;
  let cos = 1;
  for (let n = 18; n >= 2; n -= 2) {
    sin = 1 - (sin * square) / (n * (n + 1));
    cos = 1 - (cos * square) / (n * (n - 1));
  }
  sin *= r;
  const quarter = k & 3;
  if (quarter === 0) return [sin, cos];
  if (quarter === 1) return [cos, -sin];
  return quarter === 2 ? [-sin, -cos] : [-cos, sin];
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x));
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  return x > 20 ? 1 : x < -20 ? -1 : 2 * sigmoid(2 * x) - 1;
}

/** The error function, within 1e-13: its series up to 3, the continued fraction of its complement from there. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  const gauss = exp(-x * x) / Math.sqrt(Math.PI);
  if (size < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 80; n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return 2 * gauss * sum;
  }
  let fraction = size;
  for (let n = 60; n >= 1; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - gauss / fraction);
}
