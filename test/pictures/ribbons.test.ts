import { expect, it } from "vitest";
import { PALETTE } from "../../src/pictures/palette.ts";
import { ribbons } from "../../src/pictures/ribbons.ts";

it("every query head has one ribbon, which ends within the key head that it reads", () => {
  const [H, K] = [6, 2];
  const picture = ribbons(H, K, (h) => Math.floor(h / 3), "six to two");
  expect(picture.values["read"]).toEqual([0, 0, 0, 1, 1, 1]);
  const boxes = [...picture.svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="20" fill="([^"]+)"/g)];
  const keys = boxes
    .filter(([, , , fill]) => fill === PALETTE.K)
    .map(([, x, width]) => [Number(x), Number(x) + Number(width)]);
  const ends = [...picture.svg.matchAll(/ ([\d.]+) 150 L([\d.]+) 150/g)].map(([, from, to]) => [
    Number(from),
    Number(to),
  ]);
  expect([ends.length, keys.length]).toEqual([H, K]);
  ends.forEach(([from, to], h) => {
    const [low, high] = keys[Math.floor(h / 3)]!;
    expect(from).toBeGreaterThanOrEqual(low! - 0.01);
    expect(to).toBeLessThanOrEqual(high! + 0.01);
  });
});
