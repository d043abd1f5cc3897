import { expect, it } from "vitest";
import { grids } from "../../src/pictures/grid.ts";
import { WRONG } from "../../src/pictures/palette.ts";

const circles = (svg: string, radius: string) =>
  [...svg.matchAll(new RegExp(`cx="([-\\d.]+)" cy="([\\d.]+)" r="${radius}"`, "g"))].map(([, x]) => Number(x));

it("each value goes to the nearest level, which is drawn below it", () => {
  const values = [-0.52, 0.04, 0.26, 0.7];
  const picture = grids({ coarse: { values, step: 0.1, least: -8, most: 7 } }, "C", "sixteen levels");
  const rounded = [-0.5, 0, 0.3, 0.7];
  picture.values["coarse, rounded"]!.forEach((value, i) => expect(value).toBeCloseTo(rounded[i]!, 12));
  const [from, to] = [circles(picture.svg, "3"), circles(picture.svg, "2.5")];
  expect([from.length, to.length]).toEqual([4, 4]);
  const scale = (from[3]! - from[0]!) / (values[3]! - values[0]!);
  to.forEach((x, i) => expect((x - from[i]!) / scale).toBeCloseTo(rounded[i]! - values[i]!, 3));
  expect(picture.svg.match(/<line/g)).toHaveLength(16 + 1 + 4); // ticks, the line itself, the moves
  expect(picture.svg).not.toContain(WRONG);
});

it("a value beyond the grid goes to its end, and is marked", () => {
  const picture = grids({ short: { values: [0.79, 0.1], step: 0.1, least: -8, most: 7 } }, "C", "clipped");
  expect(picture.values["short, rounded"]![0]).toBeCloseTo(0.7, 12);
  expect(picture.svg.split(WRONG)).toHaveLength(3); // one move and one dot
});

it("leaves out ticks that would run together, but keeps zero", () => {
  const picture = grids({ fine: { values: [0.5], step: 0.001, least: -500, most: 500 } }, "C", "a thousand levels");
  const ticks = picture.svg.match(/<line/g)!.length - 2;
  expect(ticks).toBeGreaterThan(100);
  expect(ticks).toBeLessThan(400);
  expect(picture.svg).toContain(">0</text>");
});
