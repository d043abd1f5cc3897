import { describe, expect, it } from "vitest";
import { boundsOf, excessOf, levelOf, measureOf, type MeasureOptions, stateIn } from "../../src/oracle/measure.ts";
import { codeOf } from "../support/codes.ts";

const row = (...data: number[]) => ({ data, at: 0 });
const by = (atol: number, rtol: number) => ({ by: "bounds", atol, rtol }) as const;
/** The next float64 away from zero. */
const after = (x: number) => {
  const bits = new BigInt64Array(Float64Array.of(x).buffer);
  bits[0]!++;
  return new Float64Array(bits.buffer)[0]!;
};

describe("excessOf", () => {
  it.each([
    [0.25, 0, 3, 0.25],
    [0, 2 ** -10, 3, 3 * 2 ** -10],
    [2 ** -20, 2 ** -10, -3, 2 ** -20 + 3 * 2 ** -10],
    [0, 0, 3, 0],
    [1e-3, 1e-2, 0, 1e-3],
  ])(
    "of atol %d, rtol %d and %d: an error of exactly the bound is within, the next float64 beyond",
    (a, r, x, bound) => {
      const of = (error: number) => excessOf({ data: [0], at: 0 }, row(error), 1, by(bound, 0)).excess;
      const at = excessOf(row(x), row(x + bound), 1, by(a, r));
      expect(at.excess).toBe(bound === 0 ? 0 : 1);
      expect(of(bound) <= 1).toBe(true);
      expect(of(after(bound))).toBeGreaterThan(1);
      expect(of(-after(bound))).toBeGreaterThan(1);
    },
  );

  it("one ulp of float32 beside the bound is within or beyond, on either side of the value", () => {
    const ulp = 2 ** -23;
    for (const sign of [1, -1]) {
      const of = (error: number) => excessOf(row(1), row(1 + sign * error), 1, by(8 * ulp, 8 * ulp)).excess;
      expect([of(15 * ulp), of(16 * ulp)].map((excess) => excess <= 1)).toEqual([true, true]);
      expect(of(17 * ulp)).toBeGreaterThan(1);
    }
  });

  it("is the worst column's, the first of equals, and of the row that it is asked about", () => {
    const x = { data: [9, 9, 1, 2, 4, 1], at: 2 };
    expect(excessOf(x, row(1, 2.5, 4.5, 1.1), 4, by(0.125, 0))).toEqual({ excess: 4, column: 1 });
    expect(excessOf(x, row(1, 2.5, 5, 1), 4, by(0, 0.125))).toEqual({ excess: 2, column: 1 });
  });

  it("of NaN, and of any error where nothing is allowed, is infinite", () => {
    expect(excessOf(row(1, 2), row(1, NaN), 2, by(1, 1))).toEqual({ excess: Infinity, column: 1 });
    expect(excessOf(row(0), row(5e-324), 1, by(0, 1)).excess).toBe(Infinity);
  });
});

describe("measureOf", () => {
  it("is noise with kappa 6, another kappa, or bounds of which the one not given is 0", () => {
    expect(measureOf({})).toEqual({ by: "noise", warnAbove: 3, failAbove: 6 });
    expect(measureOf({ kappa: 2 })).toEqual({ by: "noise", warnAbove: 1, failAbove: 2 });
    expect(measureOf({ atol: 0.5 })).toEqual(by(0.5, 0));
    expect(measureOf({ rtol: 0 })).toEqual(by(0, 0));
  });

  it.each<MeasureOptions>([
    { atol: NaN },
    { atol: Infinity },
    { atol: -1e-9 },
    { rtol: NaN },
    { rtol: -Infinity },
    { rtol: 1, atol: -1 },
    { kappa: 0 },
    { kappa: NaN },
    { kappa: Infinity },
    { kappa: 6, atol: 1 },
  ])("refuses %o", (options) => expect(codeOf(() => measureOf(options))).toBe("E_ARG_BOUND"));
});

describe("a tap in a report", () => {
  const usual = boundsOf();
  it("is wrong above its bounds or its own kappa, and what is not a number is never clean", () => {
    const noise = (kappa: number) => ({ by: "noise", ...boundsOf(kappa) }) as const;
    expect(stateIn({ z: 99, excess: 1 }, usual)).toBe("pass");
    expect(stateIn({ z: 0.1, excess: 1 + Number.EPSILON }, usual)).toBe("fail");
    expect([3, 3.1, 6, 6.1, NaN].map((z) => stateIn({ z }, usual))).toEqual(["pass", "warn", "warn", "fail", "fail"]);
    expect([3, 3.1].map((z) => stateIn({ z, measure: noise(3) }, usual))).toEqual(["warn", "fail"]);
    expect(stateIn({ z: 50, measure: noise(100) }, usual)).toBe("pass");
  });

  it("lies on the report's scale: up to the warning where it is clean, above the failure where it is not", () => {
    expect(levelOf({ z: NaN, excess: 1 }, usual)).toBe(3);
    expect(levelOf({ z: NaN, excess: 1.5 }, usual)).toBe(9);
    expect(levelOf({ z: 2 }, usual)).toBe(2);
    expect(levelOf({ z: 50, measure: { by: "noise", ...boundsOf(100) } }, usual)).toBe(3);
  });
});
