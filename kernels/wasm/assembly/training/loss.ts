/** Cross-entropy in two halves: between them the caller says what each token counts. */
import { exp } from "../exp";

/**
 * In the place of logits z[t] their softmax, and nll[t] = ln sum_v exp(z[t v]) - z[t targets[t]].
 *
 * layout   z: f32 [T V]; targets: u32 [T]; nll: f64 [T]
 * numbers  the largest logit subtracted first; exponentials added in four lanes of float32; the logarithm in float64
 */
export function likelihood(z: usize, targets: usize, nll: usize, T: i32, V: i32): void {
  const row = <usize>V << 2;
  const whole = row & ~15;
  for (let t = 0; t < T; t++) {
    let most = f32x4.splat(-Infinity);
    let v: usize = 0;
    for (; v < whole; v += 16) most = f32x4.max(most, v128.load(z + v));
    let largest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );
    for (; v < row; v += 4) largest = max(largest, load<f32>(z + v));
    const target = load<f32>(z + (<usize>load<u32>(targets + (t << 2)) << 2)) - largest;
    const shift = f32x4.splat(largest);
    let sum = f32x4.splat(0);
    for (v = 0; v < whole; v += 16) {
      const e = exp(f32x4.sub(v128.load(z + v), shift));
      v128.store(z + v, e);
      sum = f32x4.add(sum, e);
    }
    let total =
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
    for (; v < row; v += 4) {
      const e = f32x4.extract_lane(exp(f32x4.splat(load<f32>(z + v) - largest)), 0);
      store<f32>(z + v, e);
      total += e;
    }
    store<f64>(nll + (t << 3), NativeMath.log(<f64>total) - <f64>target);
    const inverse = f32x4.splat(<f32>1 / total);
    for (v = 0; v < whole; v += 16) v128.store(z + v, f32x4.mul(v128.load(z + v), inverse));
    for (; v < row; v += 4) store<f32>(z + v, load<f32>(z + v) * f32x4.extract_lane(inverse, 0));
    z += row;
  }
}

/** dz[t v] = e[t] (p[t v] - [v = targets[t]]) in the place of p; e: f32 [T]. */
export function logitSlopes(p: usize, targets: usize, e: usize, T: i32, V: i32): void {
  const row = <usize>V << 2;
  const whole = row & ~15;
  for (let t = 0; t < T; t++) {
    const weight = load<f32>(e + (t << 2));
    const target = p + (<usize>load<u32>(targets + (t << 2)) << 2);
    store<f32>(target, load<f32>(target) - 1);
    const w = f32x4.splat(weight);
    let v: usize = 0;
    for (; v < whole; v += 16) v128.store(p + v, f32x4.mul(v128.load(p + v), w));
    for (; v < row; v += 4) store<f32>(p + v, load<f32>(p + v) * weight);
    p += row;
  }
}
