import { expect, it } from "vitest";
import { rope } from "../../src/reference/rope.ts";
import { zeros } from "../../src/tensor.ts";
import { eachBackend } from "../support/backends.ts";
import { golden } from "../support/golden.ts";
import { ropeCases } from "../support/rope-cases.ts";
import { norm, within } from "../support/within.ts";

const file = golden("ops/rope");
const positions = [...file.values("positions")];

/** |x[d] cos| + |x[d + D/2] sin| is at most |x[d]| + |x[d + D/2]|, times the factor on both. */
function magnitudes(x: Float32Array, D: number, factor: number): Float64Array {
  const half = D / 2;
  return Float64Array.from(x, (value, i) => {
    const other = x[i % D < half ? i + half : i - half]!;
    return (Math.abs(value) + Math.abs(other)) * factor;
  });
}

// Cosine and sine are rounded to float32 where the golden column has float64, and again after YaRN's factor: c = 4.
eachBackend("rope is within 4 u (|x| + |x'|) of float64 at p = 0, 1, 4095, 40959", ({ ops }) => {
  it.each(ropeCases)("$name", async ({ name, rope }) => {
    const x = file.tensor<"T HD">(`${name}.x`);
    for (const [t, p] of positions.entries()) {
      const y = await ops.download(ops.rope(ops.rows<"HD">(x, t, 1), p, rope));
      const width = x.shape[1]!;
      const golden = file.values(`${name}.y.f64`).subarray(t * width, (t + 1) * width);
      const bound = norm(
        4,
        magnitudes(x.data.subarray(t * width, (t + 1) * width), rope.D, file.values(`${name}.attention`)[0]!),
      );
      within(`${name} at ${p}`, y.data, golden, bound, y.shape);
    }
  });
});

it("rope refuses rows that are not whole heads, and an odd head", () => {
  const message = (D: number) =>
    `rope: expected rows of whole heads of ${D}, an even number, got [1 12]. Check head_dim in config.json.`;
  for (const D of [8, 3]) {
    expect(() => rope(zeros<"T HD">(1, 12), 0, { D, theta: 1e6, yarn: undefined })).toThrow(message(D));
  }
});

it("position 0 leaves the row as it is, to the bit", () => {
  const x = file.tensor<"T HD">("qwq.x");
  expect(rope(x, 0, { D: 128, theta: 1e6, yarn: undefined }).data.subarray(0, 256)).toEqual(x.data.subarray(0, 256));
});
