import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitOf } from "../../../src/training/tasks/problem.ts";
import { distinct, problems } from "../../../src/training/tasks/problems.ts";

const KINDS = ["arithmetic"] as const;
const seed = fc.nat(2 ** 31);

describe.each(KINDS)("%s", (kind) => {
  const first = (split: "train" | "validate" | "test", seed: number, count: number) => {
    const source = problems(kind, split, seed);
    return Array.from({ length: count }, () => source.next().value);
  };
  const text = (list: ReturnType<typeof first>) =>
    list.map(({ key, messages, solution }) => JSON.stringify([key, messages, solution()]));

  test("the same seed gives the same problems, another seed others", () => {
    expect(text(first("train", 1, 50))).toEqual(text(first("train", 1, 50)));
    expect(text(first("train", 1, 50))).not.toEqual(text(first("train", 2, 50)));
  });

  test("splits share no key, whatever the seeds", () => {
    fc.assert(
      fc.property(seed, seed, seed, (a, b, c) => {
        const train = new Set(first("train", a, 300).map(({ key }) => key));
        const validate = new Set(first("validate", b, 30).map(({ key }) => key));
        const held = first("test", c, 30).map(({ key }) => key);
        expect(held.filter((key) => train.has(key) || validate.has(key))).toEqual([]);
        expect([...validate].filter((key) => train.has(key))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("problems to be measured on differ", () => {
    const found = distinct(kind, "test", 1, 200);
    expect(new Set(found.map(({ key, messages }) => JSON.stringify([key, messages]))).size).toBe(200);
    expect(found.every(({ key }) => splitOf(key) === "test")).toBe(true);
  });

  test("both languages are drawn", () => {
    expect(new Set(first("train", 3, 50).map(({ language }) => language))).toEqual(new Set(["en", "zh"]));
  });
});

test("the question of the README is never trained on", () => {
  expect(splitOf("347+586")).toBe("test");
});
