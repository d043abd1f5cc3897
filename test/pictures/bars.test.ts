import { expect, it } from "vitest";
import { bars } from "../../src/pictures/bars.ts";
import { PALETTE } from "../../src/pictures/palette.ts";

it("has a bar for each number, as high as it is, in the axis' colour", async () => {
  const picture = await bars({ x: [1, 2, 4] }, "C", "three bars");
  expect(picture.values).toEqual({ x: [1, 2, 4] });
  const paths = [...picture.svg.matchAll(/<path d="[^"]*v([\d.]+)h-[^"]*" fill="([^"]+)"/gi)];
  const heights = paths.filter(([, , fill]) => fill === PALETTE.C).map(([, height]) => Number(height));
  expect(heights).toHaveLength(3);
  expect(heights[1]! / heights[0]!).toBeCloseTo(2, 1);
  expect(heights[2]! / heights[0]!).toBeCloseTo(4, 1);
});

it("many bars are one shape", async () => {
  const { svg } = await bars({ x: new Float32Array(1000).fill(1) }, "F", "a thousand");
  expect(svg.split("\n").length).toBeLessThan(200);
});
