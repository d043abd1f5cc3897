import { expect, test } from "vitest";
import { splitOf } from "../../../src/training/tasks/problem.ts";
import { distinct } from "../../../src/training/tasks/problems.ts";

const drawn = distinct("instruction", "train", 1, 2000);
const asked = ({ messages }: (typeof drawn)[number]) => messages[0]!.content as string;

test("every wish is drawn in both languages", () => {
  const wishes = [
    /one per line/,
    /JSON array/,
    /in upper case/,
    /with (cat|red|fig)/,
    /without (cat|red|fig)/,
    /in Chinese/,
    /"name" and "age"/,
    /Write the word/,
    /每行一个/,
    /JSON数组/,
    /用大写/,
    /要有[猫红苹]/,
    /不要[猫红苹]/,
    /用英文/,
    /写成JSON/,
    /写\d遍/,
  ];
  for (const wish of wishes)
    expect(
      drawn.some((problem) => wish.test(asked(problem))),
      String(wish),
    ).toBe(true);
});

test("the answer's language is the question's, or the one asked for", () => {
  for (const problem of drawn) {
    const foreign = /in Chinese|用英文/.test(asked(problem));
    const chinese = /\p{Script=Han}/u.test(problem.answer);
    expect(chinese, problem.answer).toBe((problem.language === "zh") !== foreign);
  }
});

test("twins in the other language share their key", () => {
  const keys = (language: string) => new Set(drawn.filter((one) => one.language === language).map(({ key }) => key));
  const [en, zh] = [keys("en"), keys("zh")];
  expect([...en].filter((key) => zh.has(key)).length).toBeGreaterThan(100);
  expect(drawn.every(({ key }) => splitOf(key) === "train")).toBe(true);
});

test("a word that must come is in the solution, one that must not is not", () => {
  for (const problem of drawn) {
    const [, wish, word] = /(with|without) (\w+)\./.exec(asked(problem)) ?? [];
    if (wish === undefined || /Chinese/.test(asked(problem))) continue;
    expect(new RegExp(`\\b${word!}\\b`, "i").test(problem.answer)).toBe(wish === "with");
  }
});
