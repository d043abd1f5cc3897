/**
 * Sine, cosine and what is made of the exponential, from additions, products and quotients alone, so that every JavaScript
 * engine gives the same bits: the language leaves the last bits of Math.sin, Math.cos and Math.tanh to the engine.
 *
 * source   argument reduction in three parts as in fdlibm (Sun 1993); Taylor polynomials
 */
import { exp } from "../../reference/elementary.ts";

export { exp };

const HALF_PI_1 = 1.5707963267341256; // 33 bits each, then the rest
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487959506e-21;

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
