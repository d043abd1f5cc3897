import { expect, it } from "vitest";
import { host } from "../../src/tensor.ts";
import { crossEntropy } from "../../src/training/backward/cross-entropy.ts";
import { clippedObjective } from "../../src/training/policy.ts";
import { golden } from "../support/golden.ts";
import { ulp, within } from "../support/within.ts";

const file = golden("training/policy");
const targets = Uint32Array.from(file.values("targets"));
const weights = Float32Array.from(file.values("weights"));
const given = {
  advantages: Float32Array.from(file.values("advantages")),
  before: Float32Array.from(file.values("before")),
  low: 0.2,
  high: 0.28,
};
const logits = file.tensor<"T V">("logits");
const { nll } = crossEntropy(logits, targets, weights);

it("the loss, and the gradient of the logits by way of cross-entropy's, are torch's in float64", () => {
  const made = clippedObjective(nll, weights, given);
  expect(made.loss).toBeCloseTo(file.values("loss")[0]!, 12);
  within("dlogits", crossEntropy(logits, targets, made.each).dlogits.data, file.values("dlogits"), ulp(1), [24, 11]);
  expect(made.counted).toBe(weights.filter((w) => w !== 0).length);
  const { A, r } = { A: given.advantages, r: nll.map((x, t) => Math.exp(-x - given.before[t]!)) };
  const held = [...r].filter((x, t) => weights[t] !== 0 && (A[t]! > 0 ? x > 1.28 : x < 0.8)).length;
  expect(held).toBeGreaterThan(2);
  expect(made.clipped).toBe(held);
});

it("is the loss's slope, by finite differences of the logits", () => {
  const loss = (z: Float32Array) => {
    const likelihood = crossEntropy(host<"T V">([24, 11], z), targets, weights);
    return clippedObjective(likelihood.nll, weights, given).loss;
  };
  const { dlogits } = crossEntropy(logits, targets, clippedObjective(nll, weights, given).each);
  for (const i of [40, 77, 133, 200, 263]) {
    const [up, down] = [logits.data.slice(), logits.data.slice()];
    up[i]! += 2 ** -10;
    down[i]! -= 2 ** -10;
    // The difference is exact to the step squared, 1e-6; the step itself is a float32 beside a logit.
    expect((loss(up) - loss(down)) / (up[i]! - down[i]!)).toBeCloseTo(dlogits.data[i]!, 5);
  }
});

it("on the policy that drew it is cross-entropy weighted by the advantages, and nothing is clipped", () => {
  const made = clippedObjective(nll, weights, { ...given, before: Float32Array.from(nll, (x) => -x) });
  expect(made.clipped).toBe(0);
  made.each.forEach((e, t) => expect(e).toBeCloseTo(weights[t]! * given.advantages[t]!, 6));
});

const near = { logprobs: Float32Array.from(file.values("near")), beta: 0.04 };

it("held near a policy, the loss and the gradient are torch's in float64 too", () => {
  const made = clippedObjective(nll, weights, { ...given, near });
  expect(made.loss).toBeCloseTo(file.values("loss_held")[0]!, 12);
  const { data } = crossEntropy(logits, targets, made.each).dlogits;
  within("dlogits_held", data, file.values("dlogits_held"), ulp(1), [24, 11]);
});

it("near the policy itself nothing is lost, and elsewhere something", () => {
  const self = { logprobs: Float32Array.from(nll, (x) => -x), beta: 1 };
  const free = clippedObjective(nll, weights, given).loss;
  // A likelihood rounded to float32 is off by d = 2^-24 of it at most, and d^2 / 2 of that is lost.
  expect(clippedObjective(nll, weights, { ...given, near: self }).loss).toBeCloseTo(free, 12);
  expect(clippedObjective(nll, weights, { ...given, near }).loss).toBeGreaterThan(free);
});
