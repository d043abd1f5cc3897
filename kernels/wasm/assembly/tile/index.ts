/**
 * The inside of reading a prompt: sixteen rows of weights against all tokens, over one chunk of columns.
 *
 *   c[t r] += sw[r] sx[t] (sum_i w[r i] x[t i])
 *
 * layout   w: i16 [columns / 2][16 rows][2]; x: i16 [t] in rows of 256; sw: f32 [16]; sx: f32 [t]; c: f32 [t 16]
 * numbers  the sum is exact in i32 (../prompt.ts says why), so a tile's shape changes no bit; then one rounding of sw sx, one of
 *          the sum as float32, one of their product, one of the addition to c
 *
 *   1  columns in lanes, two rows by four tokens: as fast, but its lanes have to be added across, and no compiler makes wider
 *      lanes of it; gone
 *   2  rows in lanes, by two tokens: eight sums, of which an engine with lanes of 128 bits keeps all in registers
 *   3  the same by three tokens: twelve sums, which spill there, and which V8 can make six of 256 bits of; then twice as fast
 *
 * Each iteration is written out once and not unrolled: unrolled, engines keep more in registers than there are.
 */

// @ts-ignore: decorator
@inline
const TOKEN: usize = 512;

/** Adds the sums of eight rows to c. What is loaded is loaded before anything is stored, or lanes cannot be joined. */
// @ts-ignore: decorator
@inline
function put(c: usize, low: v128, high: v128, sw: usize, sx: v128): void {
  const scales0 = f32x4.mul(v128.load(sw), sx);
  const scales1 = f32x4.mul(v128.load(sw, 16), sx);
  const sum0 = f32x4.add(v128.load(c), f32x4.mul(f32x4.convert_i32x4_s(low), scales0));
  const sum1 = f32x4.add(v128.load(c, 16), f32x4.mul(f32x4.convert_i32x4_s(high), scales1));
  v128.store(c, sum0);
  v128.store(c, sum1, 16);
}

function byTwo(w: usize, sw: usize, x: usize, sx: usize, columns: i32, c: usize): void {
  let a0 = i32x4.splat(0);
  let a1 = i32x4.splat(0);
  let a2 = i32x4.splat(0);
  let a3 = i32x4.splat(0);
  let b0 = i32x4.splat(0);
  let b1 = i32x4.splat(0);
  let b2 = i32x4.splat(0);
  let b3 = i32x4.splat(0);
  const end = x + columns * 2;
  while (x < end) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    let pair = v128.load32_splat(x);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(w0, pair));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(w1, pair));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(w2, pair));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(w3, pair));
    pair = v128.load32_splat(x, TOKEN);
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(w0, pair));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(w1, pair));
    b2 = i32x4.add(b2, i32x4.dot_i16x8_s(w2, pair));
    b3 = i32x4.add(b3, i32x4.dot_i16x8_s(w3, pair));
    w += 64;
    x += 4;
  }
  const s0 = v128.load32_splat(sx);
  put(c, a0, a1, sw, s0);
  put(c + 32, a2, a3, sw + 32, s0);
  const s1 = v128.load32_splat(sx, 4);
  put(c + 64, b0, b1, sw, s1);
  put(c + 96, b2, b3, sw + 32, s1);
}

function byThree(w: usize, sw: usize, x: usize, sx: usize, columns: i32, c: usize): void {
  let a0 = i32x4.splat(0);
  let a1 = i32x4.splat(0);
  let a2 = i32x4.splat(0);
  let a3 = i32x4.splat(0);
  let b0 = i32x4.splat(0);
  let b1 = i32x4.splat(0);
  let b2 = i32x4.splat(0);
  let b3 = i32x4.splat(0);
  let d0 = i32x4.splat(0);
  let d1 = i32x4.splat(0);
  let d2 = i32x4.splat(0);
  let d3 = i32x4.splat(0);
  const end = x + columns * 2;
  while (x < end) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    let pair = v128.load32_splat(x);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(w0, pair));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(w1, pair));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(w2, pair));
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(w3, pair));
    pair = v128.load32_splat(x, TOKEN);
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(w0, pair));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(w1, pair));
    b2 = i32x4.add(b2, i32x4.dot_i16x8_s(w2, pair));
    b3 = i32x4.add(b3, i32x4.dot_i16x8_s(w3, pair));
    pair = v128.load32_splat(x, 2 * TOKEN);
    d0 = i32x4.add(d0, i32x4.dot_i16x8_s(w0, pair));
    d1 = i32x4.add(d1, i32x4.dot_i16x8_s(w1, pair));
    d2 = i32x4.add(d2, i32x4.dot_i16x8_s(w2, pair));
    d3 = i32x4.add(d3, i32x4.dot_i16x8_s(w3, pair));
    w += 64;
    x += 4;
  }
  const s0 = v128.load32_splat(sx);
  put(c, a0, a1, sw, s0);
  put(c + 32, a2, a3, sw + 32, s0);
  const s1 = v128.load32_splat(sx, 4);
  put(c + 64, b0, b1, sw, s1);
  put(c + 96, b2, b3, sw + 32, s1);
  const s2 = v128.load32_splat(sx, 8);
  put(c + 128, d0, d1, sw, s2);
  put(c + 160, d2, d3, sw + 32, s2);
}

/** By two tokens; x, sx and c have room for an even number. */
export function narrow(w: usize, sw: usize, x: usize, sx: usize, columns: i32, T: i32, c: usize): void {
  for (let t: usize = 0; t < <usize>T; t += 2) byTwo(w, sw, x + t * TOKEN, sx + t * 4, columns, c + t * 64);
}

/** By three tokens; x, sx and c have room for a multiple of three. */
export function wide(w: usize, sw: usize, x: usize, sx: usize, columns: i32, T: i32, c: usize): void {
  for (let t: usize = 0; t < <usize>T; t += 3) byThree(w, sw, x + t * TOKEN, sx + t * 4, columns, c + t * 64);
}
