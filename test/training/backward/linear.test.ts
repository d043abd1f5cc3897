import { expect, it } from "vitest";
import { linear } from "../../../src/training/backward/linear.ts";
import { stored, zeros } from "../../../src/tensor.ts";
import { cases } from "../../support/backward.ts";

it.each(cases("linear"))("linear, %s: torch's gradients of x, W and b", (_, { tensor, check }) => {
  const { dx, dW, db } = linear(tensor<"T O">("dy"), tensor<"T I">("x"), tensor<"O I">("W"));
  check({ dx, dW, db });
});

it("weights in a file's form have the gradients of what they widen to", () => {
  const [, { tensor, check }] = cases("linear").find(([name]) => name === "ordinary")!;
  const W = tensor<"O I">("W");
  const I = W.shape[1]!;
  const widen = (first: number, rows: number, into: Float32Array) =>
    into.set(W.data.subarray(first * I, (first + rows) * I));
  const kept = stored<"O I">({
    shape: W.shape,
    format: "F32",
    name: "W",
    widen,
    window: (_, __, use) => use(new Uint8Array()),
  });
  const { dx, dW, db } = linear(tensor<"T O">("dy"), tensor<"T I">("x"), kept);
  check({ dx, dW, db });
});

it("refuses widths that do not fit, with all of them", () => {
  expect(() => linear(zeros<"T O">(2, 3), zeros<"T I">(2, 5), zeros<"O I">(4, 5))).toThrow(
    "linear: expected x [T 5] and b [4]",
  );
});
