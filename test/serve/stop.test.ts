import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopTexts } from "../../src/serve/stop.ts";

/** What comes out of pieces. */
function through(stops: string[], pieces: readonly string[]): { text: string; found: boolean } {
  const all = new StopTexts(stops);
  const text = pieces.map((piece) => all.push(piece)).join("") + all.end();
  return { text, found: all.found };
}

describe("StopTexts", () => {
  it("ends before the first of them, wherever the pieces are cut", () => {
    const few = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 3 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(few, { maxLength: 6 }), stops, (pieces, some) => {
        const text = pieces.join("");
        const places = some.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
        const first = Math.min(text.length, ...places);
        expect(through(some, pieces)).toEqual({ text: text.slice(0, first), found: places.length > 0 });
      }),
    );
  });

  it("holds back no more than what may begin one", () => {
    const all = new StopTexts(["END"]);
    expect([all.push("the E"), all.push("N"), all.push("D"), all.push("more"), all.end()]).toEqual([
      "the ",
      "",
      "",
      "",
      "",
    ]);
    expect(all.found).toBe(true);
  });
});
