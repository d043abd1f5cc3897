import type { Rope, Yarn } from "../config.ts";
import { log, power } from "./elementary.ts";

const { fround, PI } = Math;

/** RoPE's frequencies in radians a token, and the factor on cos and sin (1 without YaRN, else rounded to float32). */
export interface Frequencies {
  readonly f: Float32Array;
  readonly attention: number;
}

const known = new WeakMap<Rope, Frequencies>();

/**
 * Frequencies of rotary position.
 *
 *   f[d] = theta^(-2d/D)                                            d = 0 .. D/2 - 1
 *   with YaRN:  f[d] (1 - r) + f[d] / factor r,   r = ramp(d), 0 below `low`, 1 above `high`
 *   low, high = the d at which a wave turns `fast` and `slow` times over the trained context:
 *               D ln(original / (2 pi turns)) / (2 ln theta), rounded outwards where `truncate`
 *
 * shapes   -> f [D/2]
 * numbers  power, quotient, product and sum each rounded to float32, as Hugging Face computes them: a frequency in
 *          float64 turns the angle at p = 40959 by 3e-3. The bounds are float64 in both.
 * source   Su et al. 2021 (arXiv 2104.09864) 3.4.2; Peng et al. 2023 (arXiv 2309.00071) 3.2 to 3.4;
 *          transformers modeling_rope_utils: _compute_yarn_parameters
 * golden   ops/rope
 */
export function frequencies(R: Rope): Frequencies {
  let result = known.get(R);
  if (result === undefined) {
    result = R.yarn === undefined ? { f: plain(R, 1), attention: 1 } : withYarn(R, R.yarn);
    known.set(R, result);
  }
  return result;
}

/** 1 / (factor theta^(2d/D)), each step rounded. */
function plain({ D, theta }: Rope, factor: number): Float32Array {
  return Float32Array.from(
    { length: D / 2 },
    (_, d) => 1 / fround(fround(factor) * fround(power(theta, fround((2 * d) / D)))),
  );
}

function withYarn(R: Rope, yarn: Yarn): Frequencies {
  const { low, high } = bounds(R, yarn);
  const kept = plain(R, 1);
  const slowed = plain(R, yarn.factor);
  const f = kept.map((frequency, d) => {
    const r = Math.min(1, Math.max(0, fround(fround(d - fround(low)) / fround(high - low))));
    const keep = fround(1 - r);
    return fround(slowed[d]! * fround(1 - keep)) + fround(frequency * keep);
  });
  return { f, attention: fround(yarn.attention) };
}

/** The indices between which YaRN goes from keeping a frequency to slowing it down. */
function bounds({ D, theta }: Rope, yarn: Yarn): { low: number; high: number } {
  const at = (turns: number) => (D * log(yarn.original / (turns * 2 * PI))) / (2 * log(theta));
  const [first, last] = [at(yarn.fast), at(yarn.slow)];
  const low = Math.max(yarn.truncate ? Math.floor(first) : first, 0);
  const high = Math.min(yarn.truncate ? Math.ceil(last) : last, D - 1);
  return { low, high: low === high ? high + 0.001 : high }; // the step of Hugging Face that keeps the ramp finite
}
