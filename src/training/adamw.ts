/** AdamW: each parameter moves by its own gradient's mean, in units of that gradient's own size. */
import type { Values } from "./parameters.ts";

const { fround, sqrt } = Math;

export interface AdamWOptions {
  /** The learning rate, eta. */
  readonly rate: number;
  /** How slowly the mean forgets, beta1; 0.9 unless told. */
  readonly mean?: number | undefined;
  /** How slowly the mean square forgets, beta2; 0.999 unless told. */
  readonly square?: number | undefined;
  /** What keeps the quotient finite, epsilon; 1e-8 unless told. */
  readonly eps?: number | undefined;
  /** The share of a weight that is lost at each step per unit of the rate, lambda; 0.01 unless told. */
  readonly decay?: number | undefined;
}

/** What AdamW remembers of one tensor. */
export interface Moments {
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Moments of a tensor that has not moved yet. */
export function moments(x: Values): Moments {
  return { m: new Float32Array(x.data.length), v: new Float32Array(x.data.length) };
}

/** What a step multiplies by, as float32: worked out in float64, rounded once. */
export interface Factors {
  /** 1 - eta lambda: what is left of a weight. */
  readonly keep: number;
  /** 1 - beta1, beta2, 1 - beta2. */
  readonly fresh: number;
  readonly old: number;
  readonly young: number;
  /** -eta / (1 - beta1^step), sqrt(1 - beta2^step). */
  readonly size: number;
  readonly root: number;
  readonly eps: number;
}

/** The factors of a step, which counts from 1. */
export function factorsOf(options: AdamWOptions, step: number): Factors {
  const { rate, mean = 0.9, square = 0.999, eps = 1e-8, decay = 0.01 } = options;
  return {
    keep: fround(1 - rate * decay),
    fresh: fround(1 - mean),
    old: fround(square),
    young: fround(1 - square),
    size: fround(-rate / (1 - mean ** step)),
    root: fround(sqrt(1 - square ** step)),
    eps: fround(eps),
  };
}

/**
 * One step of AdamW, in place.
 *
 *   m = beta1 m + (1 - beta1) g                        v = beta2 v + (1 - beta2) g^2
 *   w = w - eta lambda w - eta m' / (sqrt v' + eps),   m' = m / (1 - beta1^step), v' = v / (1 - beta2^step)
 *
 * shapes   w, g, m, v of one length; `step` counts from 1
 * numbers  float32, each operation rounded, as torch's plain kernels do (foreach and fused off); the factors in float64.
 *          The square root is rounded correctly, which MKL's in torch is not: one step off for one number in six.
 * source   Loshchilov and Hutter 2019 (arXiv 1711.05101) algorithm 2; torch.optim.AdamW: _single_tensor_adam
 * golden   training/adamw
 */
export function adamW(w: Float32Array, g: Float32Array, { m, v }: Moments, step: number, options: AdamWOptions): void {
  const { keep, fresh, old, young, size, root, eps } = factorsOf(options, step);
  for (let i = 0; i < w.length; i++) {
    m[i] = m[i]! + fround(fresh * fround(g[i]! - m[i]!));
    v[i] = fround(v[i]! * old) + fround(fround(young * g[i]!) * g[i]!);
    const denominator = fround(fround(fround(sqrt(v[i]!)) / root) + eps);
    w[i] = fround(w[i]! * keep) + fround(fround(size * m[i]!) / denominator);
  }
}
