import { describe, expect, it } from "vitest";
import { sketch, SKETCH_WIDTH } from "../../src/oracle/sketch.ts";
import { relative, SKETCH_ERROR } from "../../src/oracle/metrics.ts";
import { drawn } from "../support/checkpoints.ts";
import { norm, within } from "../support/within.ts";

const at = (data: Float32Array) => ({ data, at: 0 });
const rows = (...all: Float32Array[]) => ({
  shape: [all.length, all[0]!.length],
  data: Float32Array.from(all.flatMap((row) => [...row])),
});

/** The first two words of splitmix64 started with 0, as its authors' C program prints them. */
const WORDS = [0xe220a8397b1dcdafn, 0x6e789e6aa1b965f4n];

const UNIT = Math.fround(1 / Math.sqrt(48));

describe("sketch", () => {
  it.each([0, 1])("of unit vector %i is 1/sqrt(48) with the signs of its word, exactly", (c) => {
    const unit = Float32Array.from({ length: 2 }, (_, i) => (i === c ? 1 : 0));
    const expected = Array.from({ length: SKETCH_WIDTH }, (_, j) => ((WORDS[c]! >> BigInt(j)) & 1n ? -UNIT : UNIT));
    expect([...sketch(rows(unit)).data]).toEqual(expected);
  });

  it("of a difference is the difference of the sketches, within 3 u sum |x| / sqrt(48): a rounding each", () => {
    const [x, y] = [drawn(300, 1), drawn(300, 2)];
    const exact = x.map((value, c) => Math.fround(value - y[c]!)); // multiples of 2^-31 below 2: one rounding
    const two = sketch(rows(x, y)).data;
    const difference = Float64Array.from({ length: SKETCH_WIDTH }, (_, j) => two[j]! - two[SKETCH_WIDTH + j]!);
    const size = x.reduce((sum, value, c) => sum + Math.abs(value) + Math.abs(y[c]!), 0) / Math.sqrt(48);
    within("sketch", difference, sketch(rows(exact)).data, norm(3, new Array<number>(SKETCH_WIDTH).fill(size)));
  });

  it("keeps the size of 200 rows within 4 standard deviations of 20 %", () => {
    const deviations = Array.from({ length: 200 }, (_, seed) => {
      const row = drawn(500, seed + 10);
      const square = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
      return square(sketch(rows(row)).data) / square(row) - 1;
    });
    expect(Math.max(...deviations.map(Math.abs))).toBeLessThan(4 * Math.sqrt(2 / 48));
    // The signs are one draw for all rows, but the rows point anywhere, so their deviations are as good as independent.
    expect(Math.abs(deviations.reduce((a, b) => a + b, 0) / 200)).toBeLessThan(4 * Math.sqrt(2 / 48 / 200));
  });

  it("knows a relative error of any size within a tenth: one standard deviation, over 400 pairs", () => {
    const off = Array.from({ length: 400 }, (_, seed) => {
      const [x, e] = [drawn(576, 2 * seed + 7), drawn(576, 2 * seed + 8)];
      const y = x.map((value, c) => value + 1e-3 * e[c]!);
      const [a, b] = [rows(x), rows(y)];
      const [s, t] = [sketch(a).data, sketch(b).data];
      return Math.log(relative(at(s), at(t), SKETCH_WIDTH) / relative(at(x), at(y), 576));
    });
    // numerator and denominator are sketches both: each is known to 1/sqrt(2 k)
    const deviation = Math.sqrt(off.reduce((sum, value) => sum + value * value, 0) / off.length);
    expect(deviation).toBeLessThan(1.2 * Math.SQRT2 * SKETCH_ERROR);
    expect(deviation).toBeGreaterThan(0.8 * Math.SQRT2 * SKETCH_ERROR);
  });

  it("of a row depends on that row alone, whatever width came before", () => {
    const [short, long] = [drawn(40, 3), drawn(700, 4)];
    const before = sketch(rows(short)).data;
    sketch(rows(long));
    expect(sketch(rows(short)).data).toEqual(before);
    expect(sketch(rows(drawn(40, 5), short)).data.slice(SKETCH_WIDTH)).toEqual(before);
  });
});
