import { expect, it } from "vitest";
import { checkIds, checkLessons, checkReward, checkSame } from "../../src/training/checks.ts";
import { named, parametersOf } from "../../src/training/parameters.ts";
import { model } from "../support/models.ts";

const parameters = parametersOf(model("tiny").checkpoint.weights);
const lesson = { ids: Uint32Array.of(1, 2), targets: Uint32Array.of(2, 3), weights: Float32Array.of(0, 1) };

it("lets lessons through whose parts fit, and says which do not", () => {
  expect(() => checkLessons([lesson], parameters)).not.toThrow();
  const short = { ...lesson, weights: Float32Array.of(1) };
  expect(() => checkLessons([lesson, short], parameters)).toThrow(
    "lesson 1: expected a target, a weight, an advantage and likelihoods for each of 2 ids, got 2, 1, 2, 2, 2",
  );
  const far = { ...lesson, targets: Uint32Array.of(2, 9999) };
  expect(() => checkLessons([far], parameters)).toThrow("got 9999 at position 1");
});

it("refuses no ids at all", () => {
  expect(() => checkIds(new Uint32Array(), 5, "prompt 7")).toThrow("prompt 7: expected at least one id, got none");
});

it("finds no reward in a model of many logits", () => {
  expect(() => checkReward(parameters)).toThrow("rewards: expected a model whose U has one row");
});

it("refuses a state of another model by its first tensor that differs", () => {
  const other = parametersOf(model("llama").checkpoint.weights);
  expect(() => checkSame(parameters, parameters, named)).not.toThrow();
  expect(() => checkSame(other, parameters, named)).toThrow("restore: expected ");
});
