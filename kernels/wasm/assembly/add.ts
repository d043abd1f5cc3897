/**
 * z = x + y
 *
 * layout   f32, n of them; the areas end at a multiple of four
 * numbers  one rounding
 */
import { first } from "./share";

export function add(thread: i32, threads: i32, x: usize, y: usize, z: usize, n: i32): void {
  const end = first(n, 4, thread + 1, threads);
  for (let i = first(n, 4, thread, threads); i < end; i += 4) {
    v128.store(z + i * 4, f32x4.add(v128.load(x + i * 4), v128.load(y + i * 4)));
  }
}
