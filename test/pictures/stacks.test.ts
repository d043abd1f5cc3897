import { expect, it } from "vitest";
import { PALETTE } from "../../src/pictures/palette.ts";
import { stacks } from "../../src/pictures/stacks.ts";

const rows = { whole: { a: 3, b: 1 }, half: { a: 2 } };
const colours = { a: "F", b: "H" } as const;
const widths = (svg: string, colour: string) =>
  [...svg.matchAll(/<path [^>]*d="M[\d.]+,[\d.]+h(-?[\d.]+)v[^>]*fill="([^"]+)"/g)]
    .filter(([, , fill]) => fill === colour)
    .map(([, width]) => Number(width));

it("has a bar for each part, as wide as it is, in its colour; a part that a row has not has no width", async () => {
  const { svg, values } = await stacks(rows, colours, "two bars", { x: "number" });
  expect(values).toEqual({ whole: [3, 1], half: [2, 0] });
  const [a, b] = [widths(svg, PALETTE.F), widths(svg, PALETTE.H)];
  expect(a).toHaveLength(2);
  expect(a[1]! / a[0]!).toBeCloseTo(2 / 3, 2);
  expect(b.filter((width) => width > 0).map((width) => width / a[0]!)).toEqual([expect.closeTo(1 / 3, 2)]);
});

it("names its bound", async () => {
  const { svg } = await stacks(rows, colours, "two bars", { x: "number", bound: { at: 2, text: "enough" } });
  expect(svg).toContain("enough");
});
