import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Dice } from "../../../src/training/tasks/dice.ts";
import { keyOf, type Sum, valueOf, work } from "../../../src/training/tasks/working.ts";

const number = fc.oneof(fc.nat(9), fc.nat(99), fc.nat(999));
const sum: fc.Arbitrary<Sum> = fc.oneof(
  fc.record({ operation: fc.constantFrom("+" as const, "-" as const), a: number, b: number }),
  fc.record({ operation: fc.constant("\u00d7" as const), a: number, b: fc.nat(9) }),
);
const language = fc.constantFrom("en" as const, "zh" as const);

/** Every equation of the lines, checked by JavaScript. */
const wrongLines = (lines: readonly string[]) =>
  lines.filter((line) => {
    const [, expression, said] = /([\d+\u00d7-]+)=(\d+)/.exec(line) ?? [];
    if (expression === undefined) return false;
    return Function(`return ${expression.replaceAll("\u00d7", "*")}`)() !== Number(said);
  });

describe("work", () => {
  test("the lines of the docstring", () => {
    const lines = (operation: Sum["operation"], a: number, b: number) => work({ operation, a, b }, "en").lines;
    expect(lines("+", 347, 586)).toEqual([
      "ones: 7+6=13, carry 1",
      "tens: 4+8+1=13, carry 1",
      "hundreds: 3+5+1=9",
      "So 933.",
    ]);
    expect(lines("-", 347, 586)).toEqual([
      "347<586, so negative",
      "ones: 16-7=9, borrow 1",
      "tens: 8-4-1=3",
      "hundreds: 5-3=2",
      "So -239.",
    ]);
    expect(lines("\u00d7", 347, 6)).toEqual([
      "ones: 7\u00d76=42, carry 4",
      "tens: 4\u00d76+4=28, carry 2",
      "hundreds: 3\u00d76+2=20",
      "So 2082.",
    ]);
    expect(work({ operation: "+", a: 8, b: 95 }, "zh").lines).toEqual([
      "\u4e2a\u4f4d\uff1a8+5=13\uff0c\u8fdb1",
      "\u5341\u4f4d\uff1a0+9+1=10",
      "\u6240\u4ee5\u662f103\u3002",
    ]);
    expect(lines("-", 25, 25)).toEqual(["25=25", "So 0."]);
  });

  test("every line is true and the result is the sum's", () => {
    fc.assert(
      fc.property(sum, language, (sum, language) => {
        const { lines, result } = work(sum, language);
        expect(result).toBe(valueOf(sum));
        expect(wrongLines(lines)).toEqual([]);
        expect(lines.at(-1)).toContain(String(result));
      }),
      { numRuns: 2000 },
    );
  });

  test("with dice, exactly one line is false, and the result too", () => {
    fc.assert(
      fc.property(sum, language, fc.nat(), (sum, language, seed) => {
        const { lines, result } = work(sum, language, new Dice(seed));
        expect(result).not.toBe(valueOf(sum));
        const same = sum.operation === "-" && sum.a === sum.b; // no digits are worked out there, only said
        expect(wrongLines(lines).length).toBe(same ? 0 : 1);
        expect(lines.at(-1)).toContain(String(result));
      }),
      { numRuns: 2000 },
    );
  });
});

test("a key knows no order", () => {
  fc.assert(
    fc.property(sum, (sum) => {
      expect(keyOf({ ...sum, a: sum.b, b: sum.a })).toBe(keyOf(sum));
    }),
  );
  expect(keyOf({ operation: "+", a: 586, b: 347 })).toBe("347+586");
});
