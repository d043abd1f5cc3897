import { expect, it } from "vitest";
import { initial } from "../../src/training/initial.ts";
import { named } from "../../src/training/parameters.ts";
import { configOf, DEFAULTS } from "../../src/training/settings.ts";

const config = configOf(DEFAULTS, 448);

it("has QwQ's tensors: three a layer with biases, two norms, and an unembedding of its own", () => {
  const names = [...named(initial(config, 1))].map(([name]) => name);
  expect(names).toHaveLength(4 * 12 + 3);
  expect(names.slice(0, 4)).toEqual(["E", "0.g1", "0.Wq", "0.bq"]);
  expect(names.at(-1)).toBe("U");
});

it("gains 1, biases 0, matrices normal with Hugging Face's spread, those into the residual stream smaller", () => {
  const p = initial(config, 1);
  expect(new Set(p.g.data)).toEqual(new Set([1]));
  expect(new Set(p.layers[0]!.bq!.data)).toEqual(new Set([0]));
  const spread = (x: Float32Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
  // Of n normal numbers the spread is known to 1/sqrt(2n): five times that.
  const n = p.E.data.length;
  expect(Math.abs(spread(p.E.data) / 0.02 - 1)).toBeLessThan(5 / Math.sqrt(2 * n));
  const { data } = p.layers[3]!.Wdown;
  expect(Math.abs((spread(data) * Math.sqrt(8)) / 0.02 - 1)).toBeLessThan(5 / Math.sqrt(2 * data.length));
  const mean = p.E.data.reduce((sum, v) => sum + v, 0) / n;
  expect(Math.abs(mean)).toBeLessThan((5 * 0.02) / Math.sqrt(n));
});

it("the seed alone decides", () => {
  const bytes = (seed: number) =>
    Buffer.concat([...named(initial(config, seed))].map(([, { data }]) => Buffer.from(data.buffer)));
  expect(bytes(3).equals(bytes(3))).toBe(true);
  expect(bytes(3).equals(bytes(4))).toBe(false);
});

it("tied parameters are one tensor", () => {
  const p = initial({ ...config, tied: true }, 1);
  expect(p.U).toBe(p.E);
});
