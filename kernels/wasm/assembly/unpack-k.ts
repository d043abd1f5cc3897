/**
 * Q2_K to Q6_K: blocks of 256 values, as unpack.ts says.
 *
 * source   src/quant; ggml: dequantize_row_q2_K to dequantize_row_q6_K
 */
import { half } from "./half";
import { high, low, put, scaled } from "./lanes";

/** Eight times the same. */
// @ts-ignore: decorator
@inline
function eight(dw: usize, d: f32): void {
  v128.store(dw, f32x4.splat(d));
  v128.store(dw, f32x4.splat(d), 16);
}

export function q3_k(w: usize, count: i32, into: usize, dw: usize): void {
  const about = i8x16.splat(4);
  for (let b = 0; b < count; b++) {
    eight(dw, half(w + 108));
    for (let g = 0; g < 16; g++) {
      const l = (<i32>load<u8>(w + 96 + (g & 7)) >> (4 * (g >> 3))) & 15;
      const s = (l | (((<i32>load<u8>(w + 104 + (g & 3)) >> (2 * (g >> 2))) & 3) << 4)) - 32;
      const n = v128.load(w + 32 + 32 * (g >> 3) + 16 * (g & 1));
      const h = v128.load(w + 16 * (g & 1));
      const two = v128.and(i8x16.shr_u(n, 2 * ((g >> 1) & 3)), i8x16.splat(3));
      const top = i8x16.shl(v128.and(i8x16.shr_u(h, g >> 1), i8x16.splat(1)), 2);
      scaled(into + g * 32, i8x16.sub(v128.or(two, top), about), s);
    }
    w += 110;
    into += 512;
    dw += 32;
  }
}

// @ts-ignore: decorator
@inline
function scaleOf(at: usize, g: i32): i32 {
  if (g < 4) return load<u8>(at + g) & 63;
  return (load<u8>(at + g + 4) & 15) | ((load<u8>(at + g - 4) >> 6) << 4);
}

// @ts-ignore: decorator
@inline
function minimumOf(at: usize, g: i32): i32 {
  if (g < 4) return load<u8>(at + g + 4) & 63;
  return (load<u8>(at + g + 4) >> 4) | ((load<u8>(at + g) >> 6) << 4);
}

/** Q4_K, or Q5_K, where 32 bytes of fifth bits lie before the halves. */
export function q45_k(bits: i32, w: usize, count: i32, into: usize, dw: usize, m: usize): void {
  for (let b = 0; b < count; b++) {
    const d = half(w);
    const dmin = half(w + 2);
    const h0 = v128.load(w, 16);
    const h1 = v128.load(w, 32);
    let n: usize = w + 16 + (bits == 5 ? 32 : 0);
    for (let g = 0; g < 8; g++) {
      store<f32>(dw + g * 4, d * <f32>scaleOf(w + 4, g));
      store<f32>(m + g * 4, -(dmin * <f32>minimumOf(w + 4, g)));
      let a = v128.load(n);
      let c = v128.load(n, 16);
      a = (g & 1) == 0 ? low(a) : high(a);
      c = (g & 1) == 0 ? low(c) : high(c);
      if (bits == 5) {
        a = v128.or(a, i8x16.shl(v128.and(i8x16.shr_u(h0, g), i8x16.splat(1)), 4));
        c = v128.or(c, i8x16.shl(v128.and(i8x16.shr_u(h1, g), i8x16.splat(1)), 4));
      }
      put(into, a);
      put(into + 32, c);
      into += 64;
      n += 32 * (g & 1);
    }
    w += bits == 5 ? 176 : 144;
    dw += 32;
    m += 32;
  }
}

export function q6_k(w: usize, count: i32, into: usize, dw: usize): void {
  const about = i8x16.splat(32);
  for (let b = 0; b < count; b++) {
    eight(dw, half(w + 208));
    for (let turn = 0; turn < 4; turn++) {
      const g = 8 * (turn >> 1) + (turn & 1);
      const s = w + 192 + g;
      const n = w + 64 * (turn >> 1) + 16 * (turn & 1);
      const n0 = v128.load(n);
      const n1 = v128.load(n, 32);
      const h = v128.load(w + 128 + 16 * turn);
      const y = into + 32 * g;
      const three = i8x16.splat(3);
      const h0 = i8x16.shl(v128.and(h, three), 4);
      const h1 = i8x16.shl(v128.and(i8x16.shr_u(h, 2), three), 4);
      const h2 = i8x16.shl(v128.and(i8x16.shr_u(h, 4), three), 4);
      const h3 = i8x16.shl(i8x16.shr_u(h, 6), 4);
      scaled(y, i8x16.sub(v128.or(low(n0), h0), about), load<i8>(s));
      scaled(y + 64, i8x16.sub(v128.or(low(n1), h1), about), load<i8>(s, 2));
      scaled(y + 128, i8x16.sub(v128.or(high(n0), h2), about), load<i8>(s, 4));
      scaled(y + 192, i8x16.sub(v128.or(high(n1), h3), about), load<i8>(s, 6));
    }
    w += 210;
    into += 512;
    dw += 32;
  }
}

/** Minimums of 16 values: two for each 32. */
export function q2_k(w: usize, count: i32, into: usize, dw: usize, m: usize): void {
  for (let b = 0; b < count; b++) {
    const dmin = half(w + 82);
    eight(dw, half(w + 80));
    for (let g = 0; g < 16; g++) {
      const s = <i32>load<u8>(w + g);
      store<f32>(m + g * 4, -(dmin * <f32>(s >> 4)));
      const n = v128.load(w + 16 + 32 * (g >> 3) + 16 * (g & 1));
      scaled(into + g * 32, v128.and(i8x16.shr_u(n, 2 * ((g >> 1) & 3)), i8x16.splat(3)), s & 15);
    }
    w += 84;
    into += 512;
    dw += 32;
    m += 64;
  }
}
