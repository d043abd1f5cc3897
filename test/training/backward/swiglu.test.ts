import { expect, it } from "vitest";
import { swiglu } from "../../../src/training/backward/swiglu.ts";
import { zeros } from "../../../src/tensor.ts";
import { cases } from "../../support/backward.ts";

it.each(cases("swiglu"))("swiglu, %s: torch's gradients of gate and up", (_, { tensor, check }) => {
  check(swiglu(tensor<"T F">("dy"), tensor<"T F">("gate"), tensor<"T F">("up")));
});

it("refuses shapes that differ", () => {
  expect(() => swiglu(zeros<"T F">(2, 3), zeros<"T F">(2, 4), zeros<"T F">(2, 4))).toThrow("two tensors of one shape");
});
