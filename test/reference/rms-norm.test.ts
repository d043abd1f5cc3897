import { expect, it } from "vitest";
import { rmsNorm } from "../../src/reference/rms-norm.ts";
import { host } from "../../src/tensor.ts";
import { eachBackend } from "../support/backends.ts";
import { cases, golden } from "../support/golden.ts";
import { ulp, within } from "../support/within.ts";

const file = golden("ops/rms-norm");

eachBackend("rmsNorm is within its ulps of float64", ({ ops, ulps }) => {
  it.each(cases(file))("%s", async (name) => {
    const n = await ops.download(ops.rmsNorm(file.tensor(`${name}.x`), file.tensor(`${name}.g`), 1e-5));
    within(name, n.data, file.values(`${name}.y.f64`), ulp(ulps), n.shape);
  });
});

it("rmsNorm refuses rows of another width than the gain, and names both", () => {
  const x = host<"T C">([2, 3], new Float32Array(6));
  expect(() => rmsNorm(x, host<"C">([4], new Float32Array(4)), 1e-5)).toThrow(
    "rmsNorm: expected x [T 4], got [2 3]. Check the model's config against its tensors.",
  );
});
