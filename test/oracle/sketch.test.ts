import { describe, expect, it } from "vitest";
import { sketch, SKETCH_WIDTH } from "../../src/oracle/sketch.ts";
import { drawn } from "../support/checkpoints.ts";
import { norm, within } from "../support/within.ts";

const rows = (...all: Float32Array[]) => ({
  shape: [all.length, all[0]!.length],
  data: Float32Array.from(all.flatMap((row) => [...row])),
});

/** The first two words of splitmix64 started with 0, as its authors' C program prints them. */
const WORDS = [0xe220a8397b1dcdafn, 0x6e789e6aa1b965f4n];

describe("sketch", () => {
  it.each([0, 1])("of unit vector %i is 1/8 with the signs of its word, exactly", (c) => {
    const unit = Float32Array.from({ length: 2 }, (_, i) => (i === c ? 1 : 0));
    const expected = Array.from({ length: SKETCH_WIDTH }, (_, j) => ((WORDS[c]! >> BigInt(j)) & 1n ? -0.125 : 0.125));
    expect([...sketch(rows(unit)).data]).toEqual(expected);
  });

  it("of a difference is the difference of the sketches, within 3 u sum |x| / 8: a rounding each", () => {
    const [x, y] = [drawn(300, 1), drawn(300, 2)];
    const exact = x.map((value, c) => Math.fround(value - y[c]!)); // multiples of 2^-31 below 2: one rounding
    const two = sketch(rows(x, y)).data;
    const difference = Float64Array.from({ length: 64 }, (_, j) => two[j]! - two[64 + j]!);
    const size = x.reduce((sum, value, c) => sum + Math.abs(value) + Math.abs(y[c]!), 0) / 8;
    within("sketch", difference, sketch(rows(exact)).data, norm(3, new Array<number>(64).fill(size)));
  });

  it("keeps the size of 200 rows within 4 standard deviations of 18 %", () => {
    const deviations = Array.from({ length: 200 }, (_, seed) => {
      const row = drawn(500, seed + 10);
      const square = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
      return square(sketch(rows(row)).data) / square(row) - 1;
    });
    expect(Math.max(...deviations.map(Math.abs))).toBeLessThan(4 * Math.sqrt(2 / 64));
    // The signs are one draw for all rows, but the rows point anywhere, so their deviations are as good as independent.
    expect(Math.abs(deviations.reduce((a, b) => a + b, 0) / 200)).toBeLessThan(4 * Math.sqrt(2 / 64 / 200));
  });

  it("of a row depends on that row alone, whatever width came before", () => {
    const [short, long] = [drawn(40, 3), drawn(700, 4)];
    const before = sketch(rows(short)).data;
    sketch(rows(long));
    expect(sketch(rows(short)).data).toEqual(before);
    expect(sketch(rows(drawn(40, 5), short)).data.slice(64)).toEqual(before);
  });
});
