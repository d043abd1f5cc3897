/** Matrices in the order in which products read them. */

/**
 * Panels of eight columns, rows one after another: into[n / 8][k][n % 8] = x[k n], and 0 past the last column.
 *
 * layout   x: f32 [K N], rows `row` bytes apart
 */
export function panels(x: usize, row: usize, K: i32, N: i32, into: usize): void {
  let n = 0;
  for (; n + 8 <= N; n += 8) {
    let from = x + (<usize>n << 2);
    for (let k = 0; k < K; k++) {
      v128.store(into, v128.load(from));
      v128.store(into, v128.load(from, 16), 16);
      into += 32;
      from += row;
    }
  }
  if (n == N) return;
  for (let k = 0; k < K; k++) {
    const from = x + k * row + (<usize>n << 2);
    for (let r = 0; r < 8; r++) store<f32>(into + (r << 2), n + r < N ? load<f32>(from + (r << 2)) : 0);
    into += 32;
  }
}

/**
 * Panels of eight rows: into[n / 8][k][n % 8] = w[n k], and 0 past the last row.
 *
 * layout   w: f32 [N K], rows `row` bytes apart
 */
export function transposed(w: usize, row: usize, N: i32, K: i32, into: usize): void {
  for (let n = 0; n < N; n += 8) {
    const from = w + n * row;
    const whole = min(8, N - n);
    for (let k = 0; k < K; k++) {
      let at = from + (<usize>k << 2);
      for (let r = 0; r < 8; r++) {
        store<f32>(into + (r << 2), r < whole ? load<f32>(at) : 0);
        at += row;
      }
      into += 32;
    }
  }
}

/** Groups of four columns: into[n / 4][k][n % 4] = x[k n], and 0 past the last column. */
export function quads(x: usize, K: i32, N: i32, into: usize): void {
  const row = <usize>N << 2;
  let n = 0;
  for (; n + 4 <= N; n += 4) {
    let from = x + (<usize>n << 2);
    for (let k = 0; k < K; k++) {
      v128.store(into, v128.load(from));
      into += 16;
      from += row;
    }
  }
  if (n == N) return;
  for (let k = 0; k < K; k++) {
    const from = x + k * row + (<usize>n << 2);
    for (let r = 0; r < 4; r++) store<f32>(into + (r << 2), n + r < N ? load<f32>(from + (r << 2)) : 0);
    into += 16;
  }
}
