import { expect, it } from "vitest";
import { forward } from "../../src/model.ts";
import { reference } from "../../src/reference/index.ts";
import { named, parametersOf, weightsOf } from "../../src/training/parameters.ts";
import { model, VARIANTS } from "../support/models.ts";

const ids = Uint32Array.of(5, 9, 11);

it.each(VARIANTS)("%s: the copy's logits are the model's, bit for bit", (name) => {
  const { config, checkpoint } = model(name);
  const run = (w: typeof checkpoint.weights) => forward(reference, w, ids, reference.cache(config, 3));
  expect(run(weightsOf(parametersOf(checkpoint.weights), checkpoint.weights))).toEqual(run(checkpoint.weights));
});

it("names each tensor once: a tied one as E alone, and no bias that is not there", () => {
  const names = (name: string) => [...named(parametersOf(model(name).checkpoint.weights))].map(([each]) => each);
  expect(names("tiny").length).toBe(3 * 12 + 3);
  expect(names("tied")).not.toContain("U");
  expect(names("llama")).not.toContain("0.bq");
  expect(new Set(names("tiny")).size).toBe(names("tiny").length);
});
