/**
 * Exponential, logarithm and power from additions, products and quotients alone, so that every JavaScript engine gives the
 * same bits: the language leaves the last bits of Math.exp, Math.log and ** to the engine.
 *
 * source   argument reduction in two parts as in fdlibm (Sun 1993); Taylor polynomials
 */

const LN2_HIGH = 0.6931471803691238; // its last 21 bits are zero, so that k LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10;

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
  if (x < -708) return 0;
  if (x !== x) return x;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * r) / n;
  return k > 1023 ? sum * 2 * power2(k - 1) : sum * power2(k);
}

/**
 * ln x of a positive normal number, within 2^-51 relative to the larger of it and 1.
 *
 *   x = m 2^k, sqrt(1/2) <= m < sqrt(2);   ln x = k ln 2 + 2 (s + s^3/3 + s^5/5 + ...),   s = (m - 1) / (m + 1)
 */
export function log(x: number): number {
  word[0] = x;
  let k = ((bits[1]! >>> 20) & 0x7ff) - 1023;
  let m = x / power2(k);
  if (m >= Math.SQRT2) {
    m /= 2;
    k++;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 27; n >= 1; n -= 2) sum = 1 / n + sum * square;
  return k * LN2_HIGH + (2 * s * sum + k * LN2_LOW);
}

/** x^y of a positive normal x, within 2^-50 (1 + |y ln x|), relative. */
export function power(x: number, y: number): number {
  return exp(y * log(x));
}
