import { expect, it } from "vitest";
import { host } from "../../src/tensor.ts";
import { adamW, type AdamWOptions, moments } from "../../src/training/adamw.ts";
import { golden, goldenJson } from "../support/golden.ts";
import { exact, norm, within } from "../support/within.ts";

const file = golden("training/adamw");
const settings = Object.entries(goldenJson<Record<string, AdamWOptions>>("training/adamw.json"));

it.each(settings)("%s: 100 steps are torch's, but for its square root", (name, options) => {
  const w = file.tensor<"C">("start").data;
  const gradients = file.tensor<"T C">("gradients").data;
  const state = moments(host([w.length], w));
  const [before, moved] = [w.slice(), new Float64Array(w.length)];
  let checked = 0;
  for (let step = 1; step <= 100; step++) {
    before.set(w);
    adamW(w, gradients.subarray((step - 1) * w.length, step * w.length), state, step, options);
    w.forEach((x, i) => (moved[i]! += Math.abs(x - before[i]!) + Math.abs(x)));
    if (!file.has(`${name}.${step}`)) continue;
    // One rounding of every step: where MKL's square root is one float32 off, the weight may be rounded the other way.
    within(`${name}, step ${step}`, w, file.values(`${name}.${step}`), norm(1, moved));
    checked++;
  }
  expect(checked).toBe(5);
});

it("the first steps, which meet no such root, are torch's bit for bit", () => {
  for (const [name, options] of settings) {
    const w = file.tensor<"C">("start").data;
    const state = moments(host([w.length], w));
    for (const step of [1, 2])
      adamW(w, file.tensor("gradients").data.subarray((step - 1) * 65, step * 65), state, step, options);
    within(name, w, file.values(`${name}.2`), exact);
  }
});
