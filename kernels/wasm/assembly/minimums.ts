/**
 * What a format with minimums adds to its products: y[t o] += sum_b m[o b] s[t b], where s is the sum of a block's
 * activations.
 *
 * layout   m: f32 [rows blocks]; s: f32 [T blocks]
 * numbers  float32, in four lanes of every fourth block, then the lanes, then the blocks that are left, one by one
 */
import { total } from "./sums";

export function minimums(m: usize, rows: i32, s: usize, T: i32, blocks: i32, y: usize, stride: i32): void {
  const quads = blocks & ~3;
  for (let r = 0; r < rows; r++) {
    const mr = m + r * blocks * 4;
    for (let t = 0; t < T; t++) {
      const st = s + t * blocks * 4;
      let acc = f32x4.splat(0);
      for (let b = 0; b < quads; b += 4) acc = f32x4.add(acc, f32x4.mul(v128.load(mr + b * 4), v128.load(st + b * 4)));
      let sum = total(acc);
      for (let b = quads; b < blocks; b++) sum += load<f32>(mr + b * 4) * load<f32>(st + b * 4);
      const at = y + (t * stride + r) * 4;
      store<f32>(at, load<f32>(at) + sum);
    }
  }
}
