import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KINDS, splitOf } from "../../../src/training/tasks/problem.ts";
import { distinct, problems } from "../../../src/training/tasks/problems.ts";
import { Dice } from "../../../src/training/tasks/dice.ts";
import { keyOf } from "../../../src/training/tasks/working.ts";
import { checkAll } from "../../../src/verify/check.ts";
import { CodeClient } from "../../../src/verify/client.ts";

const seed = fc.nat(2 ** 31);

let client: CodeClient;
beforeAll(async () => {
  client = await CodeClient.start();
});
afterAll(() => client.close());

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

  test("problems to be measured on come to an end where there are no more", () => {
    if (kind !== "instruction") return expect(distinct(kind, "test", 1, 400)).toHaveLength(400);
    const [some, more] = [distinct(kind, "test", 1, 1000), distinct(kind, "test", 1, 2000)];
    expect(some.length).toBeGreaterThan(200);
    expect(text(more)).toEqual(text(some));
  });

  test("every solution passes its own check, and every one that goes wrong fails it", async () => {
    const list = first("train", 11, kind === "program" ? 60 : 600);
    const dice = new Dice(1);
    const replies = list.map(({ solution, check }) => ({ reply: solution(), check }));
    const slips = list.map(({ solution, check }) => ({ reply: solution(dice), check }));
    const right = await checkAll(replies, client);
    expect(replies.filter((_, i) => !right[i]!.right).map(({ reply }) => reply)).toEqual([]);
    const wrong = await checkAll(slips, client);
    expect(slips.filter((_, i) => wrong[i]!.right).map(({ reply }) => reply)).toEqual([]);
    const reasons = new Set(wrong.map(({ reason }) => reason));
    expect([...reasons].filter((reason) => reason !== "wrong" && reason !== "broken")).toEqual([]);
  });

  test("checks are data: read back from JSON, they say the same", () => {
    for (const { check } of first("train", 12, 100)) expect(JSON.parse(JSON.stringify(check))).toEqual(check);
  });

  test("no two problems of one wording and one key have different answers", () => {
    const seen = new Map<string, string>();
    for (const { messages, key, check, answer } of first("train", 13, 1000)) {
      const question = JSON.stringify(messages);
      // An agent's worlds all begin alike: what is due at first is the same in each.
      const asked = JSON.stringify(kind === "agent" ? answer : [key, check.type === "program" ? check.entry : check]);
      expect(seen.get(question) ?? asked).toBe(asked);
      seen.set(question, asked);
    }
  });

  test("both languages are drawn", () => {
    expect(new Set(first("train", 3, 50).map(({ language }) => language))).toEqual(new Set(["en", "zh"]));
  });
});

test("the question of the README is never trained on", () => {
  expect(splitOf("347+586")).toBe("test");
});

test("a problem of several sums belongs to the split of all of them, or to none", () => {
  const number = fc.nat(99);
  fc.assert(
    fc.property(number, number, number, number, (a, b, c, d) => {
      const [one, two] = [keyOf({ operation: "+", a, b }), keyOf({ operation: "-", a: c, b: d })];
      expect(splitOf(`${one};${two}`)).toBe(splitOf(one) === splitOf(two) ? splitOf(one) : undefined);
    }),
  );
});

test("no sum that a word problem or a tool asks for in training is tested anywhere", () => {
  const kinds = ["arithmetic", "story", "tool", "agent"] as const;
  const keys = (split: "train" | "test", count: number) =>
    kinds.flatMap((kind) => distinct(kind, split, 5, count).flatMap(({ key }) => key.split(";")));
  const trained = new Set(keys("train", 4000));
  expect(keys("test", 400).filter((key) => trained.has(key))).toEqual([]);
});
