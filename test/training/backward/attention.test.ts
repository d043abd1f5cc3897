import { expect, it } from "vitest";
import { attention } from "../../../src/training/backward/attention.ts";
import { zeros } from "../../../src/tensor.ts";
import { cases } from "../../support/backward.ts";

it.each(cases("attention"))("attention, %s: torch's gradients of q, k and v", (_, { tensor, check }) => {
  const q = tensor<"T HD">("q");
  const { dq, dk, dv } = attention(tensor<"T HD">("dy"), q, tensor<"S KD">("k"), tensor<"S KD">("v"), 8);
  check({ dq, dk, dv });
});

it("refuses heads that do not divide", () => {
  const q = zeros<"T HD">(2, 24);
  expect(() => attention(q, q, zeros<"S KD">(2, 16), zeros<"S KD">(2, 16), 8)).toThrow("attention: expected q [T HD]");
});
