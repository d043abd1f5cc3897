import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accepts, Automaton } from "../../src/grammar/automaton.ts";
import type { Expression } from "../../src/grammar/expression.ts";
import { INTEGER, integerWithin, NUMBER, numberWithin } from "../../src/grammar/numbers.ts";

const matcher = (language: Expression) => {
  const automaton = new Automaton(language);
  return (text: string) => accepts(automaton, new TextEncoder().encode(text));
};

const bound = fc.option(fc.record({ value: fc.integer({ min: -1200, max: 1200 }), open: fc.boolean() }), {
  nil: undefined,
});
type Bound = { readonly value: number; readonly open: boolean } | undefined;
const within = (x: number, least: Bound, most: Bound) =>
  (least === undefined || x > least.value || (x === least.value && !least.open)) &&
  (most === undefined || x < most.value || (x === most.value && !most.open));

describe("whole numbers", () => {
  it("within bounds are exactly those", () => {
    fc.assert(
      fc.property(bound, bound, fc.array(fc.integer({ min: -13000, max: 13000 })), (least, most, others) => {
        const is = matcher(integerWithin({ least, most }));
        const near = [least, most].flatMap((one) => (one ? [-2, -1, 0, 1, 2].map((d) => one.value + d) : []));
        for (const x of [...near, ...others, 0]) expect([x, is(String(x))]).toEqual([x, within(x, least, most)]);
      }),
    );
  });

  it("have no zeros in front, and at most 16 digits", () => {
    const is = matcher(INTEGER);
    expect(["0", "-0", "7", "-12", "9".repeat(16)].map(is)).toEqual([true, true, true, true, true]);
    expect(["", "-", "00", "01", "1.0", "1e3", "+1", "9".repeat(17)].some(is)).toBe(false);
  });
});

describe("numbers", () => {
  const tenths = (b: Bound): Bound => b && { value: b.value / 40, open: b.open };

  it("within bounds are exactly those, however they are written", () => {
    fc.assert(
      fc.property(bound, bound, fc.array(fc.integer({ min: -40000, max: 40000 })), (a, b, others) => {
        const [least, most] = [tenths(a), tenths(b)];
        const is = matcher(numberWithin({ least, most }));
        const near = [least, most].flatMap((one) => (one ? [-1, -0.001, 0, 0.001, 1].map((d) => one.value + d) : []));
        for (const x of [...near, ...others.map((other) => other / 1000)]) {
          for (const text of [x.toFixed(3), x.toFixed(5), String(Number(x.toFixed(3)))]) {
            const value = Number(text);
            if (Object.is(value, -0)) continue; // both spellings of nothing are meant by "0"
            expect([text, is(text)]).toEqual([text, within(value, least, most)]);
          }
        }
      }),
    );
  });

  it("without bounds are what JSON calls a number", () => {
    const is = matcher(NUMBER);
    expect(["0", "-0.5", "1e9", "12.25E-3", "1E+10"].every(is)).toBe(true);
    expect(["", ".5", "5.", "1e", "01.5", "NaN", "0x1", "--1", "1.2.3"].some(is)).toBe(false);
  });

  it("end in a digit", () => {
    for (const bounds of [
      { least: { value: 1, open: false }, most: { value: 1, open: false } },
      { least: { value: 1.5, open: true } },
    ]) {
      expect(["1.", "2.", "1.5."].some(matcher(numberWithin(bounds)))).toBe(false);
    }
  });
});
