import { expect, test } from "vitest";
import { distinct } from "../../../src/training/tasks/problems.ts";

const drawn = distinct("story", "train", 1, 1500);
const asked = ({ messages }: (typeof drawn)[number]) => messages[0]!.content as string;
const numbers = (text: string) => [...text.matchAll(/\d+/g)].map(Number);

/** What each telling asks for, found again from its words alone. */
const MEANT: readonly (readonly [RegExp, (n: readonly number[]) => number])[] = [
  [/gets \d+ more and gives away/, ([a, b, c]) => a! + b! - c!],
  [/又得到.*送出/, ([a, b, c]) => a! + b! - c!],
  [/has \d+ boxes .* gets \d+ more/, ([b, a, c]) => a! * b! + c!],
  [/盒子.*又得到/, ([b, a, c]) => a! * b! + c!],
  [/There are \d+ boxes/, ([a, b]) => a! * b!],
  [/^有\d+个盒子/, ([a, b]) => a! * b!],
  [/gives away/, ([a, b]) => a! - b!],
  [/送出/, ([a, b]) => a! - b!],
  [/more/, ([a, b]) => a! + b!],
  [/又得到|多\d+/, ([a, b]) => a! + b!],
];

test("the answer is what the words ask for, and never below zero", () => {
  const told = new Set<RegExp>();
  for (const problem of drawn) {
    const text = asked(problem);
    const [pattern, value] = MEANT.find(([pattern]) => pattern.test(text))!;
    told.add(pattern);
    expect(value(numbers(text)), text).toBe(Number(problem.answer));
    expect(Number(problem.answer)).toBeGreaterThanOrEqual(0);
  }
  expect(told.size).toBe(MEANT.length);
});

test("a whole solution of two steps", () => {
  const problem = drawn.find(({ key, language }) => key.includes(";") && language === "en")!;
  const lines = problem.solution().split("\n");
  expect(lines.filter((line) => line.startsWith("So ")).length).toBe(2);
  expect(lines.at(-1)).toBe(`The answer is ${problem.answer}.`);
  expect(lines[0]).toMatch(/^\d+[+\u00d7]\d+$/);
});

test("both languages speak one language each", () => {
  for (const problem of drawn) {
    const han = /\p{Script=Han}/u.test(asked(problem) + problem.solution());
    expect(han).toBe(problem.language === "zh");
    if (problem.language === "zh") expect(asked(problem)).not.toMatch(/[a-z]/i);
  }
});
