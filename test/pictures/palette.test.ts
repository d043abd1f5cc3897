import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PALETTE, tone } from "../../src/pictures/palette.ts";

/** Relative luminance, as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

it("every axis has its own colour, which stands out from white by 3 to 1", () => {
  const colours = Object.values(PALETTE);
  expect(new Set(colours).size).toBe(colours.length);
  expect(colours.filter((colour) => 1.05 / (luminance(colour) + 0.05) < 3)).toEqual([]);
});

it("docs/axes.md shows these colours", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/axes.md"), "utf8");
  const rows = [...text.matchAll(/^\| (\w) \| `(#[0-9a-f]{6})` \|/gm)].map(([, axis, colour]) => [axis, colour]);
  expect(Object.fromEntries(rows)).toEqual(PALETTE);
});

it("a tone lies between white and the colour", () => {
  expect([tone("T", 0), tone("T", 1)]).toEqual(["#ffffff", PALETTE.T]);
});
