import fc from "fast-check";
import { expect, it } from "vitest";
import { wrap } from "../../../src/oracle/formats/wrap.ts";

it("breaks at spaces and indents what follows", () => {
  expect(wrap("one two three", 8, 2)).toEqual(["one two", "  three"]);
  expect(wrap("short", 80)).toEqual(["short"]);
  expect(wrap("abcdefghij", 4, 2)).toEqual(["abcd", "  ef", "  gh", "  ij"]);
});

it("no line is longer, and no character is lost, whatever the text", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 6, max: 40 }), (text, columns) => {
      const lines = wrap(text, columns, 4);
      expect(lines.every((line) => line.length <= columns)).toBe(true);
      const bare = (s: string) => s.replaceAll(/\s|\p{Cc}/gu, "");
      expect(bare(lines.join(" "))).toBe(bare(text));
    }),
  );
});
