/** What happens to all parameters alike, whatever tensor they belong to: sums, length, AdamW. All of n values of four. */

/** x = 0 */
export function clear(x: usize, n: i32): void {
  memory.fill(x, 0, <usize>n << 2);
}

/** x[i] += sum_j y[j][i], j ascending; the y are `apart` bytes apart. */
export function gather(x: usize, y: usize, apart: usize, count: i32, n: i32): void {
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    let sum = v128.load(x + i);
    for (let j = 0; j < count; j++) sum = f32x4.add(sum, v128.load(y + j * apart + i));
    v128.store(x + i, sum);
  }
}

/** sum x[i]^2, in float64 and in order, as src/training/clip.ts has it. */
export function squares(x: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < <usize>n << 2; i += 4) {
    const v = <f64>load<f32>(x + i);
    sum += v * v;
  }
  return sum;
}

/** x[i] = x[i] by, the product in float64 and one rounding. */
export function shorten(x: usize, n: i32, by: f64): void {
  for (let i: usize = 0; i < <usize>n << 2; i += 4) store<f32>(x + i, <f32>(<f64>load<f32>(x + i) * by));
}

/** src/training/adamw.ts with the same bits: four values at a time, each operation rounded to float32. */
export function adamw(
  w: usize, g: usize, m: usize, v: usize, n: i32,
  keep: f32, fresh: f32, old: f32, young: f32, size: f32, root: f32, eps: f32,
): void {
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const d = v128.load(g + i);
    const m0 = v128.load(m + i);
    const mean = f32x4.add(m0, f32x4.mul(f32x4.splat(fresh), f32x4.sub(d, m0)));
    const share = f32x4.mul(f32x4.mul(f32x4.splat(young), d), d);
    const square = f32x4.add(f32x4.mul(v128.load(v + i), f32x4.splat(old)), share);
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(square), f32x4.splat(root)), f32x4.splat(eps));
    const step = f32x4.div(f32x4.mul(f32x4.splat(size), mean), denominator);
    v128.store(m + i, mean);
    v128.store(v + i, square);
    v128.store(w + i, f32x4.add(f32x4.mul(v128.load(w + i), f32x4.splat(keep)), step));
  }
}
