import { expect, it } from "vitest";
import { clip } from "../../src/training/clip.ts";
import { named, parametersOf } from "../../src/training/parameters.ts";
import { model } from "../support/models.ts";

const { weights } = model("tied").checkpoint;
const lengthOf = (p: ReturnType<typeof parametersOf>) =>
  Math.hypot(...[...named(p)].map(([, { data }]) => Math.hypot(...data)));

it("a long one is shortened to the bound, in its own direction; a tied tensor counts once", () => {
  const [before, gradients] = [parametersOf(weights), parametersOf(weights)];
  const length = clip(gradients, 1);
  expect(length).toBeCloseTo(lengthOf(before), 6);
  expect(lengthOf(gradients)).toBeCloseTo(1, 6);
  gradients.g.data.forEach((x, i) => expect(x * length).toBeCloseTo(before.g.data[i]!, 4));
});

it("a short one is left as it is", () => {
  const [before, gradients] = [parametersOf(weights), parametersOf(weights)];
  clip(gradients, 1e9);
  expect(gradients).toEqual(before);
});
