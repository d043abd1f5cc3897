/** What works token by token: embedding, RoPE, SwiGLU, sums over tokens, and their backward. */
import { exp } from "../exp";

/** x[t] = E[ids[t]]; ids: u32 [T]. */
export function embed(E: usize, ids: usize, x: usize, T: i32, C: i32): void {
  const row = <usize>C << 2;
  for (let t: usize = 0; t < <usize>T; t++) memory.copy(x + t * row, E + <usize>load<u32>(ids + (t << 2)) * row, row);
}

/** dE[ids[t]] += dx[t], t ascending. */
export function embedBack(dx: usize, ids: usize, dE: usize, T: i32, C: i32): void {
  const row = <usize>C << 2;
  for (let t: usize = 0; t < <usize>T; t++) {
    const into = dE + <usize>load<u32>(ids + (t << 2)) * row;
    const from = dx + t * row;
    for (let c: usize = 0; c < row; c += 16) {
      v128.store(into + c, f32x4.add(v128.load(into + c), v128.load(from + c)));
    }
  }
}

/** db[o] += sum_t dy[t o], t ascending. */
export function sums(dy: usize, db: usize, T: i32, O: i32): void {
  const row = <usize>O << 2;
  for (let t = 0; t < T; t++) {
    for (let o: usize = 0; o < row; o += 16) v128.store(db + o, f32x4.add(v128.load(db + o), v128.load(dy + o)));
    dy += row;
  }
}

/**
 * Each head's pairs (d, d + D/2) turn by their place's angle, in their own places; with `back` they turn back.
 *
 * layout   x: f32 [T width]; places: u32 [T]; turns: f32 [place][cosines D/2, sines D/2], D of eight
 */
export function rope(x: usize, places: usize, turns: usize, T: i32, width: i32, D: i32, back: i32): void {
  const half = <usize>D << 1;
  const row = <usize>width << 2;
  const sign = f32x4.splat(back ? -1 : 1);
  for (let t = 0; t < T; t++) {
    const turn = turns + <usize>load<u32>(places + (t << 2)) * (half << 1);
    for (let d: usize = 0; d < half; d += 16) {
      const cos = v128.load(turn + d);
      const sin = f32x4.mul(v128.load(turn + half + d), sign);
      for (let h = d; h < row; h += half << 1) {
        const a = v128.load(x + h);
        const b = v128.load(x + half + h);
        v128.store(x + h, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)));
        v128.store(x + half + h, f32x4.add(f32x4.mul(a, sin), f32x4.mul(b, cos)));
      }
    }
    x += row;
  }
}

/** 1 / (1 + e^-g), by e^-|g| alone, so that nothing overflows. */
// @ts-ignore: decorator
@inline
function sigmoid(g: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(g)));
  const above = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e));
  return v128.bitselect(f32x4.mul(e, above), above, f32x4.lt(g, f32x4.splat(0)));
}

/** h = g sigmoid(g) u, of n values, a multiple of four. */
export function swiglu(gate: usize, up: usize, h: usize, n: i32): void {
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const g = v128.load(gate + i);
    v128.store(h + i, f32x4.mul(f32x4.mul(g, sigmoid(g)), v128.load(up + i)));
  }
}

/** dgate = dh u s (1 + g (1 - s)), dup = dh g s, each in the place of gate and of up. */
export function swigluBack(dh: usize, gate: usize, up: usize, n: i32): void {
  const end = <usize>n << 2;
  const unit = f32x4.splat(1);
  for (let i: usize = 0; i < end; i += 16) {
    const g = v128.load(gate + i);
    const s = sigmoid(g);
    const d = f32x4.mul(v128.load(dh + i), s);
    const slope = f32x4.add(unit, f32x4.mul(g, f32x4.sub(unit, s)));
    v128.store(gate + i, f32x4.mul(f32x4.mul(d, v128.load(up + i)), slope));
    v128.store(up + i, f32x4.mul(d, g));
  }
}
