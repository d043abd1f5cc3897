import { expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { LimitError } from "../../src/errors.ts";
import { cache } from "../../src/reference/cache.ts";
import { host, type Host } from "../../src/tensor.ts";

const config = { ...QWQ_32B, layers: 2, keyHeads: 1, headSize: 2 };
const rows = (...values: number[]) => host<"T KD">([values.length / 2, 2], Float32Array.from(values));
const data = (x: unknown) => [...(x as Host<"S KD">).data];

it("cache keeps every row in order, through its growth", () => {
  const [layer] = cache(config, 1000);
  for (let t = 0; t < 500; t++) layer!.append(rows(t, -t), rows(2 * t, 0.5));
  const { keys, values } = layer!.append(rows(500, -500), rows(1000, 0.5));
  expect(layer!.length).toBe(501);
  expect(data(keys)).toEqual(Array.from({ length: 501 }, (_, t) => [t, t === 0 ? -0 : -t]).flat());
  expect(data(values)).toEqual(Array.from({ length: 501 }, (_, t) => [2 * t, 0.5]).flat());
});

it("cache.truncate forgets, and another continuation takes the place", () => {
  const [layer] = cache(config, 4);
  layer!.append(rows(1, 1, 2, 2, 3, 3), rows(4, 4, 5, 5, 6, 6));
  layer!.truncate(1);
  const { keys, values } = layer!.append(rows(9, 9), rows(8, 8));
  expect(data(keys)).toEqual([1, 1, 9, 9]);
  expect(data(values)).toEqual([4, 4, 8, 8]);
});

it("cache refuses a token past its capacity", () => {
  const [layer] = cache(config, 2);
  layer!.append(rows(1, 1, 2, 2), rows(1, 1, 2, 2));
  expect(() => layer!.append(rows(3, 3), rows(3, 3))).toThrow(LimitError);
  expect(() => layer!.append(rows(3, 3), rows(3, 3))).toThrow("cache: expected at most 2 tokens, got 3.");
});

it("layers have caches of their own", () => {
  const [first, second] = cache(config, 4);
  first!.append(rows(1, 1), rows(1, 1));
  expect([first!.length, second!.length]).toEqual([1, 0]);
});
