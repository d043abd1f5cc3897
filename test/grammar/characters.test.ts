import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accepts, Automaton } from "../../src/grammar/automaton.ts";
import { complement, inString, type Range, STRING_CHARACTER, tidy, utf8 } from "../../src/grammar/characters.ts";
import { repeat } from "../../src/grammar/expression.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ranges = fc
  .array(fc.tuple(fc.nat(0x10ffff), fc.nat(0x400)), { maxLength: 4 })
  .map((all) => all.map(([first, more]): Range => [first, Math.min(0x10ffff, first + more)]));

describe("sets of characters", () => {
  it("as UTF-8 hold exactly theirs", () => {
    fc.assert(
      fc.property(ranges, fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 1 })), (all, others) => {
        const automaton = new Automaton(utf8(all));
        const has = (code: number) => all.some(([first, last]) => code >= first && code <= last);
        const edges = all.flatMap(([first, last]) => [first - 1, first, last, last + 1]);
        const codes = [...edges, ...others.map((text) => text.codePointAt(0)!)];
        for (const code of codes.filter((one) => one >= 0 && one <= 0x10ffff && (one < 0xd800 || one > 0xdfff))) {
          expect(accepts(automaton, bytes(String.fromCodePoint(code)))).toBe(has(code));
        }
      }),
      { numRuns: 25 },
    );
  });

  it("have complements whose complements they are", () => {
    fc.assert(
      fc.property(ranges, (all) => {
        expect(complement(complement(all))).toEqual(tidy(all));
      }),
    );
  });
});

describe("in JSON strings", () => {
  const any = new Automaton(repeat(STRING_CHARACTER));

  it("any text is one, as JSON.stringify writes it and with every escape", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.boolean(), (text, escaped) => {
        const units = [...Array(text.length).keys()].map((i) => text.charCodeAt(i).toString(16).padStart(4, "0"));
        const written = escaped ? units.map((unit) => `\\u${unit}`).join("") : JSON.stringify(text).slice(1, -1);
        expect(accepts(any, bytes(written))).toBe(true);
      }),
    );
  });

  it.each(['"', "\\", "\n", "\\x", "\\u12", "\\ud800", "\\udc00", "\\ud83d\\u0041", "\\ud83dx"])("%j is none", (text) =>
    expect(accepts(any, bytes(text))).toBe(false),
  );

  it("bytes that are no UTF-8 are none: too long, halves of pairs, beyond the last", () => {
    for (const wrong of [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xff]]) {
      expect(accepts(any, wrong)).toBe(false);
    }
  });

  it("a set has one spelling a character: as it is, or its shortest escape", () => {
    const quote = new Automaton(
      inString([
        [0x22, 0x22],
        [0x0a, 0x0a],
        [0x01, 0x01],
        [0x61, 0x61],
      ]),
    );
    for (const text of ['\\"', "\\n", "\\u0001", "a"]) expect(accepts(quote, bytes(text))).toBe(true);
    for (const text of ['"', "\\u000a", "\n", "\\u0061"]) expect(accepts(quote, bytes(text))).toBe(false);
  });
});
