import { expect, it } from "vitest";
import { clocks } from "../../src/pictures/clocks.ts";

const halves = (d: number, D: number) => [d, d + D / 2] as const;

it("a hand stands where the angle says, and the pairs are named", () => {
  const picture = clocks([Math.PI / 2, 0.1], [0, 1], halves, "halves");
  expect(picture.values).toEqual({ "p = 0": [0, 0], "p = 1": [Math.PI / 2, 0.1] });
  const texts = [...picture.svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual(["halves", "0, 2", "1, 3", "p = 0", "p = 1"]);
  const hands = [
    ...picture.svg.matchAll(/<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"[^>]*stroke-width="2.5"/g),
  ];
  const ways = hands.map(([, x1, y1, x2, y2]) => [
    Math.round(Number(x2) - Number(x1)),
    Math.round(Number(y1) - Number(y2)),
  ]);
  expect(ways).toEqual([
    [24, 0],
    [24, 0],
    [0, 24],
    [24, 2],
  ]);
});

it("leaves room for places far on", () => {
  const left = (p: number) => Number(/<text x="([\d.]+)"[^>]*>p = /.exec(clocks([1], [p], halves, "").svg)![1]);
  expect(left(1)).toBe(50);
  expect(left(131_071)).toBeGreaterThanOrEqual(10 * 7); // ten letters that end there
});
