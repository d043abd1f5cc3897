/** RMSNorm and its backward: the equations of src/reference/rms-norm.ts and src/training/backward/rms-norm.ts, in float32. */

// @ts-ignore: decorator
@inline
function total(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/**
 * n[t c] = x[t c] r[t] g[c]; r, of which backward is in need, is kept.
 *
 * layout   x, n: f32 [T C], C a multiple of four; r: f32 [T]
 * numbers  squares added in four lanes
 */
export function norm(x: usize, g: usize, n: usize, r: usize, T: i32, C: i32, eps: f32): void {
  const row = <usize>C << 2;
  for (let t = 0; t < T; t++) {
    let squares = f32x4.splat(0);
    for (let c: usize = 0; c < row; c += 16) {
      const v = v128.load(x + c);
      squares = f32x4.add(squares, f32x4.mul(v, v));
    }
    const scale = <f32>1 / Mathf.sqrt(total(squares) / <f32>C + eps);
    store<f32>(r, scale);
    const s = f32x4.splat(scale);
    for (let c: usize = 0; c < row; c += 16) {
      v128.store(n + c, f32x4.mul(f32x4.mul(v128.load(x + c), s), v128.load(g + c)));
    }
    x += row;
    n += row;
    r += 4;
  }
}

/**
 * dx[t c] += r (dn[t c] g[c] - x[t c] r^2 m[t]),   m[t] = mean_c dn[t c] g[c] x[t c];   dg[c] += sum_t dn[t c] x[t c] r[t]
 */
export function normBack(
  dn: usize, x: usize, g: usize, r: usize, dx: usize, dg: usize, T: i32, C: i32,
): void {
  const row = <usize>C << 2;
  for (let t = 0; t < T; t++) {
    let sum = f32x4.splat(0);
    for (let c: usize = 0; c < row; c += 16) {
      const product = f32x4.mul(v128.load(dn + c), v128.load(x + c));
      sum = f32x4.add(sum, f32x4.mul(product, v128.load(g + c)));
    }
    const scale = load<f32>(r);
    const s = f32x4.splat(scale);
    const m = f32x4.splat((total(sum) / <f32>C) * scale * scale);
    for (let c: usize = 0; c < row; c += 16) {
      const d = v128.load(dn + c);
      const v = v128.load(x + c);
      const inner = f32x4.sub(f32x4.mul(d, v128.load(g + c)), f32x4.mul(v, m));
      v128.store(dx + c, f32x4.add(v128.load(dx + c), f32x4.mul(s, inner)));
      v128.store(dg + c, f32x4.add(v128.load(dg + c), f32x4.mul(d, f32x4.mul(v, s))));
    }
    dn += row;
    x += row;
    dx += row;
    r += 4;
  }
}
