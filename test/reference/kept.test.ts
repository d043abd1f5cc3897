import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kept, Widened } from "../../src/reference/kept.ts";

const [WIDTH, D] = [8, 4];
const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) });
const rows = fc.array(fc.array(value, { minLength: WIDTH, maxLength: WIDTH }), { minLength: 1, maxLength: 9 });

/** What a store gives back of rows put in pieces of `step` rows. */
function roundTrip(format: "f32" | "bf16" | "int8", all: number[][], step: number): Float32Array {
  const store = kept(format, WIDTH, D, 1000, new Widened());
  for (let at = 0; at < all.length; at += step) store.put(at, Float32Array.from(all.slice(at, at + step).flat()));
  return store.read(all.length);
}

describe.each(["f32", "bf16", "int8"] as const)("%s", (format) => {
  it("gives the same bits however the rows were put, through its growth", () => {
    const all = Array.from({ length: 300 }, (_, t) => Array.from({ length: WIDTH }, (_, i) => Math.sin(t * 31 + i)));
    expect(roundTrip(format, all, 1)).toEqual(roundTrip(format, all, 300));
    expect(roundTrip(format, all, 7)).toEqual(roundTrip(format, all, 300));
  });

  it("keeps within its bound: nothing, 2^-8 |x|, half a step of the head's largest / 127", () => {
    fc.assert(
      fc.property(rows, (all) => {
        const x = Float32Array.from(all.flat());
        const back = roundTrip(format, all, 2);
        x.forEach((value, i) => {
          const head = x.subarray(i - (i % D), i - (i % D) + D);
          const step = Math.max(...head.map(Math.abs)) / 127;
          // The scale and the product are rounded to float32, or to a subnormal: 127 steps of 2^-24, and one of 2^-149.
          const int8 = (step / 2) * (1 + 2 ** -16) + 127 * 2 ** -149;
          const bound = { f32: 0, bf16: Math.abs(value) * 2 ** -8 + 2 ** -133, int8 }[format];
          expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(bound);
        });
      }),
    );
  });
});

it("bf16 rounds to nearest, ties to even", () => {
  const x = [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -1 - 2 ** -8, 0, -0, 3.5];
  expect([...roundTrip("bf16", [x], 1)]).toEqual([1, 1, 1 + 2 ** -6, 1 + 2 ** -7, -1, 0, -0, 3.5]);
});

it("int8 gives a head of zeros back as zeros, and its largest value within one rounding", () => {
  const [largest, ...rest] = roundTrip("int8", [[0, 0, 0, 0, 12.7, -6.4, 0.05, 0]], 1).subarray(4);
  expect(roundTrip("int8", [[0, 0, 0, 0, 1, 1, 1, 1]], 1).subarray(0, 4)).toEqual(new Float32Array(4));
  expect(largest).toBeCloseTo(12.7, 5);
  expect(rest.map((x) => Math.round(x * 10) / 10)).toEqual([-6.4, 0, 0]); // 0.05 is half a step of 0.1: to even
});
