/**
 * h = g sigmoid(g) u. With e = exp(-|g|) nothing overflows:
 *
 *   sigmoid(g) = 1 / (1 + e) for g >= 0,   e / (1 + e) below
 *
 * Below, e may be far smaller than float32 goes while e u is not. So 2^n comes in three factors, two of them after u.
 *
 * layout   gate, up, h: f32, n of them; the areas end at a multiple of four
 * numbers  float32: 1.5 ulp of e and a rounding for each of sum, product, quotient and product: within 4 ulp
 */
import { exponent, fraction, power } from "./exp";
import { first } from "./share";

/** From here on down h is 0 for every u: e^-262 is 10^-114. */
const LEAST: f32 = -262;
/** Added to a small whole number it shows it in its last bits, two's complement: 1.5 2^23. */
const ABOVE: f32 = 12582912;

export function swiglu(thread: i32, threads: i32, gate: usize, up: usize, h: usize, n: i32): void {
  const end = first(n, 4, thread + 1, threads);
  const one = f32x4.splat(1);
  for (let i = first(n, 4, thread, threads); i < end; i += 4) {
    const g = v128.load(gate + i * 4);
    const x = f32x4.max(f32x4.neg(f32x4.abs(g)), f32x4.splat(LEAST));
    const q = exponent(x);
    const f = fraction(x, q);
    const whole = i32x4.sub(f32x4.add(q, f32x4.splat(ABOVE)), f32x4.splat(ABOVE));
    const third = i32x4.shr_s(i32x4.mul(whole, i32x4.splat(85)), 8); // -378 to 0 in thirds of -126 to 1
    const last = power(i32x4.sub(i32x4.sub(whole, third), third));
    const p = power(third);
    const below = f32x4.lt(g, f32x4.splat(0));
    const e = f32x4.mul(f32x4.mul(f32x4.mul(f, p), p), last);
    const top = f32x4.mul(g, v128.bitselect(f32x4.mul(f, p), one, below));
    const silu = f32x4.mul(f32x4.div(top, f32x4.add(one, e)), v128.load(up + i * 4));
    v128.store(h + i * 4, v128.bitselect(f32x4.mul(f32x4.mul(silu, p), last), silu, below));
  }
}
