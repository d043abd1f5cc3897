/** What engines with relaxed SIMD run beside the others: products of bytes, sixteen at a time. */
export * from "../index";
export { quantise_apart, quantise_i8 } from "./activations";
export { linear_q8_0_relaxed } from "./q8_0";
export { linear_q4_0_relaxed, linear_q4_1_relaxed } from "./q4";

/**
 * A product whose answer is known, 16 (-128 x 127 + ... ) by lanes: an engine that gets it wrong is not to be trusted with
 * the rest (V8 of Node 20 behind its flag is one).
 */
export function probe(): i32 {
  const p = i32x4.relaxed_dot_i8x16_i7x16_add_s(
    i8x16(-128, -128, -128, -128, 127, 127, 127, 127, -1, 2, -3, 4, 5, -6, 7, -8),
    i8x16(127, 127, 127, 127, 127, 127, 127, 127, 1, 2, 3, 4, 126, 125, 124, 123),
    i32x4(1, 20, 300, 4000),
  );
  return (
    i32x4.extract_lane(p, 0) +
    3 * i32x4.extract_lane(p, 1) +
    5 * i32x4.extract_lane(p, 2) +
    7 * i32x4.extract_lane(p, 3)
  );
}
