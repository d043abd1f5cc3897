import { expect, it } from "vitest";
import { crossEntropy } from "../../../src/training/backward/cross-entropy.ts";
import { zeros } from "../../../src/tensor.ts";
import { cases } from "../../support/backward.ts";

it.each(cases("crossEntropy"))(
  "crossEntropy, %s: torch's losses, and its gradient of the logits",
  (_, { tensor, values, check }) => {
    const weights = Float32Array.from(values("weights"));
    const made = crossEntropy(tensor<"T V">("logits"), Uint32Array.from(values("targets")), weights);
    check({ dlogits: made.dlogits });
    const nll = values("nll");
    made.nll.forEach((value, t) => expect(value).toBeCloseTo(nll[t]!, 12));
    expect(made.loss).toBeCloseTo(
      weights.reduce((sum, w, t) => sum + w * nll[t]!, 0),
      12,
    );
  },
);

it("a logit far above the others is no overflow", () => {
  const logits = zeros<"T V">(1, 3);
  logits.data.set([1e30, 0, -1e30]);
  expect([...crossEntropy(logits, Uint32Array.of(0), Float32Array.of(1)).nll]).toEqual([0]);
});

it("refuses a target that is no column, and says where", () => {
  const [two, ones] = [Uint32Array.of(1, 5), Float32Array.of(1, 1)];
  expect(() => crossEntropy(zeros<"T V">(2, 5), two, ones)).toThrow("got 5 at position 1");
  expect(() => crossEntropy(zeros<"T V">(3, 9), two, ones)).toThrow("got 2 targets and 2 weights");
});
