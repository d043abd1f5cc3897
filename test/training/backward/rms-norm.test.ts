import { expect, it } from "vitest";
import { rmsNorm } from "../../../src/training/backward/rms-norm.ts";
import { zeros } from "../../../src/tensor.ts";
import { cases } from "../../support/backward.ts";

it.each(cases("rmsNorm"))("rmsNorm, %s: torch's gradients of x and g", (_, { tensor, check }) => {
  const { dx, dg } = rmsNorm(tensor<"T C">("dy"), tensor<"T C">("x"), tensor<"C">("g"), 1e-5);
  check({ dx, dg });
});

it("refuses rows of another width", () => {
  expect(() => rmsNorm(zeros<"T C">(2, 3), zeros<"T C">(2, 3), zeros<"C">(4), 1e-5)).toThrow(
    "rmsNorm: expected x [T 4]",
  );
});
