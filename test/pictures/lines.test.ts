import { expect, it } from "vitest";
import { lines } from "../../src/pictures/lines.ts";
import { PALETTE, tone } from "../../src/pictures/palette.ts";

it("draws every curve in its axis' colour through its points", async () => {
  const curves = {
    a: { x: [0, 1, 2], y: [0, 1, 4], of: "T" },
    b: { x: [0, 2], y: [4, 0], of: "C", share: 0.5 },
  } as const;
  const picture = await lines(curves, "two curves", { x: "place", y: "score" });
  expect(picture.values).toEqual({ a: [0, 1, 4], b: [4, 0] });
  const paths = [...picture.svg.matchAll(/<path[^>]*d="(M[^"]*)"[^>]*stroke="([^"]+)"[^>]*stroke-width="2"/g)];
  const of = (colour: string) =>
    paths
      .find(([, , stroke]) => stroke === colour)![1]!
      .match(/-?[\d.]+/g)!
      .map(Number);
  const [x0, y0, x1, y1, x2, y2] = of(PALETTE.T);
  expect([(x1! - x0!) / (x2! - x0!), (y1! - y0!) / (y2! - y0!)]).toEqual([0.5, 0.25]);
  expect(of(tone("C", 0.5))).toHaveLength(4);
});
