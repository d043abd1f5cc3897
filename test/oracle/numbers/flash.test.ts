import { describe, expect, it } from "vitest";
import { ATTENTION, attend } from "../../../src/oracle/numbers/attention.ts";
import { flash, type Seen } from "../../../src/oracle/numbers/flash.ts";
import { F16, F64 } from "../../../src/oracle/numbers/formats.ts";
import { policyOf, runsOf, TRUTH } from "../../../src/oracle/numbers/policies.ts";
import { given } from "../../../src/oracle/numbers/rows.ts";
import { drawn } from "../../support/small.ts";

const [f32] = runsOf(policyOf("f32"));

/** What one head sees of keys and values of its width. */
function seen(query: number[], keys: number[], values: number[]): Seen {
  const [D, arrays] = [query.length, [query, keys, values].map((x) => Float64Array.from(x))];
  const [q, k, v] = arrays as [Float64Array, Float64Array, Float64Array];
  return { query: q, keys: k, values: v, at: 0, width: D, count: keys.length / D, scale: 1 / Math.sqrt(D) };
}

describe("flash attention", () => {
  it("with nothing rounded is attention, within 1e-13 of it", () => {
    const [q, k, v] = [1, 2, 3].map((seed) => [...drawn(9 * 8, seed)]) as [number[], number[], number[]];
    const whole = attend(given(9, 8, q), given(9, 8, k), given(9, 8, v), 8, TRUTH, ATTENTION).all();
    for (let t = 0; t < 9; t++) {
      const upTo = (x: number[]) => x.slice(0, (t + 1) * 8);
      const row = flash(seen(q.slice(t * 8, (t + 1) * 8), upTo(k), upTo(v)), F64, TRUTH);
      row.forEach((x, d) => expect(Math.abs(x - whole[t * 8 + d]!)).toBeLessThan(1e-13));
    }
  });

  it("of one key gives its value; a query that sees nothing, zero", () => {
    expect([...flash(seen([3, 1], [2, 5], [0.25, -7]), F16, f32!)]).toEqual([0.25, -7]);
    expect([...flash({ ...seen([3, 1], [2, 5], [0.25, -7]), count: 0 }, F16, f32!)]).toEqual([0, 0]);
  });

  it("in float16 loses what is below half a unit of the sum, key by key", () => {
    const small = 2 ** -12;
    const values = [1, ...Array.from({ length: 7 }, () => small)];
    const same = values.map(() => 0); // all scores are 0
    expect(flash(seen([1], same, values), F16, f32!)[0]).toBe(1 / 8);
    expect(flash(seen([1], same, values), F64, f32!)[0]).toBe((1 + 7 * small) / 8);
  });

  it("shrinks what it has summed when a larger score comes", () => {
    const [a] = flash(seen([1], [0, Math.log(3)], [2, 6]), F16, f32!);
    expect(Math.abs(a! - (1 * 2 + 3 * 6) / 4)).toBeLessThan(5 * 2 ** -11); // one rounding of 20/3, and one of 2/3
  });
});

describe("a policy with flash attention", () => {
  it.each(["f32", "f16-inputs", "q8_0"])("%s-flash rounds attention to float16, and nothing else otherwise", (name) => {
    const [plain, flashed] = [policyOf(name), policyOf(`${name}-flash`)];
    expect({ ...flashed, name, flash: undefined }).toEqual(plain);
    const [q, k, v] = [4, 5, 6].map((seed) => given(16, 16, [...drawn(256, seed)])) as [never, never, never];
    const truth = attend(q, k, v, 16, TRUTH, ATTENTION).all();
    const far = (policy: typeof plain) =>
      Math.max(...runsOf(policy).map((run) => distance(truth, attend(q, k, v, 16, run, ATTENTION).all())));
    expect(far(plain)).toBeLessThan(8 * 2 ** -24);
    expect(far(flashed)).toBeGreaterThan(2 ** -13);
    expect(far(flashed)).toBeLessThan(4 * 2 ** -11);
  });
});

/** |y - x| / |x|. */
function distance(x: Float64Array, y: Float64Array): number {
  return Math.sqrt(x.reduce((sum, value, i) => sum + (y[i]! - value) ** 2, 0) / x.reduce((sum, a) => sum + a * a, 0));
}
