import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Drawn, Drawer, DTYPES, type Dtype } from "../../src/synth/draw.ts";
import { goldenJson } from "../support/golden.ts";

interface Values {
  readonly seed: number;
  readonly tensors: readonly (Drawn & { readonly sha256: Readonly<Record<Dtype, string>> })[];
  readonly ranges: readonly (Drawn & { readonly first: number; readonly hex: string })[];
}

const found = goldenJson<Values>("synth/values.json");
const seed = BigInt(found.seed);
const count = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
const floats = (bytes: Uint8Array) => new Float32Array(bytes.buffer);

describe("Drawer", () => {
  it.each(found.tensors)("$role: the bytes are Python's, in every dtype", (tensor) => {
    for (const dtype of DTYPES) {
      const bytes = new Drawer(seed, tensor, dtype).draw(0, count(tensor.shape));
      expect(createHash("sha256").update(bytes).digest("hex"), dtype).toBe(tensor.sha256[dtype]);
    }
  });

  it.each(found.ranges)("$name from value $first on is Python's, and nothing before it is made", (range) => {
    const bytes = new Drawer(seed, range, "BF16").draw(range.first, range.hex.length / 4);
    expect(Buffer.from(bytes).toString("hex")).toBe(range.hex);
  });

  it("any range is the same stretch of the whole, also across the words that are made at a time", () => {
    const tensor: Drawn = { name: "x", role: "Wq", shape: [600, 512] };
    const drawer = new Drawer(7n, tensor, "BF16");
    const whole = drawer.draw(0, 600 * 512);
    for (const [first, length] of [
      [0, 1],
      [1, 1],
      [131_071, 3],
      [100_001, 200_000],
      [307_199, 1],
    ] as const) {
      expect(Buffer.from(drawer.draw(first, length)).equals(whole.subarray(2 * first, 2 * (first + length)))).toBe(
        true,
      );
    }
  });

  it("a matrix has mean 0 and variance 1 / inputs, gains lie about 1, and few biases are near 0", () => {
    const draw = (role: Drawn["role"], shape: number[]) =>
      floats(new Drawer(1n, { name: "x", role, shape }, "F32").draw(0, count(shape)));
    const mean = (x: Float32Array) => x.reduce((sum, y) => sum + y, 0) / x.length;
    const W = draw("Wv", [1000, 400]);
    expect(Math.abs(mean(W))).toBeLessThan(4 / Math.sqrt(400 * 400_000)); // 4 standard errors
    expect(Math.abs(mean(W.map((y) => y * y)) * 400 - 1)).toBeLessThan(4 * Math.sqrt(2 / 400_000));
    expect(Math.abs(mean(draw("g1", [10_000])) - 1)).toBeLessThan((4 * 0.25) / 100);
    expect(draw("g1", [10_000]).every((y) => y > 0.1)).toBe(true);
    expect(draw("bq", [10_000]).filter((y) => Math.abs(y) > 0.1).length).toBeGreaterThan(8000);
  });

  it("other seeds and other names give other values", () => {
    const at = (seed: bigint, name: string) =>
      Buffer.from(new Drawer(seed, { name, role: "bq", shape: [8] }, "F32").draw(0, 8)).toString("hex");
    expect(new Set([at(1n, "x"), at(2n, "x"), at(1n, "y"), at(2n ** 64n - 1n, "x")]).size).toBe(4);
  });
});
