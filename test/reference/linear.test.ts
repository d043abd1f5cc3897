import { expect, it } from "vitest";
import { dot, linear } from "../../src/reference/linear.ts";
import { host, stored, type Tensor } from "../../src/tensor.ts";
import { eachBackend } from "../support/backends.ts";
import { cases, golden } from "../support/golden.ts";
import { exact, norm, ulp, within } from "../support/within.ts";

const file = golden("ops/linear");

const inputs = (name: string) => ({
  x: file.tensor<"T I">(`${name}.x`),
  W: file.tensor<"O I">(`${name}.W`),
  b: file.has(`${name}.b`) ? file.tensor<"O">(`${name}.b`) : undefined,
});

/** sum_i |W x| + |b| of every output. */
function magnitudes(name: string): Float64Array {
  const { x, W, b } = inputs(name);
  const [O = 0, I = 0] = W.shape;
  return Float64Array.from({ length: x.shape[0]! * O }, (_, to) => {
    const [t, o] = [Math.floor(to / O), to % O];
    let sum = Math.abs(b?.data[o] ?? 0);
    for (let i = 0; i < I; i++) sum += Math.abs(W.data[o * I + i]! * x.data[t * I + i]!);
    return sum;
  });
}

eachBackend("linear is within c u sum |W x| of float64", ({ ops, c }) => {
  it.each(cases(file))("%s", async (name) => {
    const { x, W, b } = inputs(name);
    const y = await ops.download(ops.linear(ops.upload(x), ops.upload(W), b));
    within(name, y.data, file.values(`${name}.y.f64`), norm(c, magnitudes(name)), y.shape);
  });
});

it.each(cases(file))("the reference's linear is within 1 ulp of float64: %s", (name) => {
  const { x, W, b } = inputs(name);
  const y = linear(x, W, b);
  within(name, y.data, file.values(`${name}.y.f64`), ulp(1), y.shape);
});

it("a stored matrix gives the bits of the same matrix in memory, whatever the number of rows widened at a time", () => {
  const [O, I] = [700, 96]; // 700 rows are more than one chunk of widening
  const values = Float32Array.from({ length: O * I }, (_, i) => Math.sin(i));
  const asked: number[] = [];
  const W = stored<"O I">({
    shape: [O, I],
    format: "F32",
    name: "W",
    widen(first, rows, into) {
      asked.push(rows);
      into.set(values.subarray(first * I, (first + rows) * I));
    },
    window: (_, __, use) => use(new Uint8Array()),
  });
  const x = host<"T I">(
    [2, I],
    Float32Array.from({ length: 2 * I }, (_, i) => Math.cos(i)),
  );
  within("stored", linear(x, W).data, linear(x, host<"O I">([O, I], values)).data, exact);
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.reduce((sum, rows) => sum + rows)).toBe(O);
});

it("dot adds even and odd places apart, then the two", () => {
  const big = 2 ** 53;
  const a = Float32Array.of(big, 1, 1, 1, -big); // even: 2^53 + 1 - 2^53, of which float64 loses the 1
  expect(dot(a, 0, new Float64Array(5).fill(1), 0, 5)).toBe(2);
});

it.each([1, 2, 3, 4, 5, 8, 97])("four rows together have the bits of one by one: %i wide", (I) => {
  const O = 11;
  const values = Float32Array.from({ length: O * I }, (_, i) => Math.sin(i * i));
  const x = Float64Array.from({ length: I }, (_, i) => Math.fround(Math.cos(i)));
  const y = linear(host<"T I">([1, I], Float32Array.from(x)), host<"O I">([O, I], values));
  for (let o = 0; o < O; o++) expect(y.data[o]).toBe(Math.fround(dot(values, o * I, x, 0, I)));
});

it("linear names the tensor whose width does not fit, and says both sizes", () => {
  const W = stored<"O I">({
    shape: [8, 5],
    format: "BF16",
    name: "model.layers.3.mlp.up_proj.weight",
    widen: () => {},
    window: (_, __, use) => use(new Uint8Array()),
  });
  const x: Tensor<"T I"> = host([7, 4], new Float32Array(28));
  expect(() => linear(x, W)).toThrow(
    "linear: expected x [T 5] and b [8] for W [8 5], got x [7 4] (model.layers.3.mlp.up_proj.weight). " +
      "Check the model's config against its tensors.",
  );
});
