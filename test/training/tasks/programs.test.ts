import { expect, test } from "vitest";
import { distinct } from "../../../src/training/tasks/problems.ts";

const drawn = distinct("program", "train", 1, 1500);

/** The function that a reply defines. */
const functionOf = (reply: string) => {
  const source = /```js\n([^]*?)```/.exec(reply)![1]!;
  return Function(`${source}; return f;`)() as (...args: unknown[]) => unknown;
};
const passes = (
  f: (...args: unknown[]) => unknown,
  tests: readonly { args: readonly unknown[]; expected?: unknown }[],
) => tests.every(({ args, expected }) => Object.is(f(...args), expected));

test("the solution passes all tests; one that is off by one does not", async () => {
  const { Dice } = await import("../../../src/training/tasks/dice.ts");
  const dice = new Dice(1);
  const families = new Set<string>();
  for (const { check, key, solution } of drawn) {
    if (check.type !== "program") throw new Error("not a program");
    families.add(key.split(" ")[0]!);
    expect(check.tests.length).toBeGreaterThanOrEqual(4);
    expect(passes(functionOf(solution()), check.tests), key).toBe(true);
    expect(passes(functionOf(solution(dice)), check.tests), solution(dice)).toBe(false);
  }
  expect(families.size).toBe(9);
});

test("no function that returns what does not depend on its arguments passes", () => {
  for (const { check, key } of drawn) {
    if (check.type !== "program") throw new Error("not a program");
    const results = new Set(check.tests.map(({ expected }) => JSON.stringify(expected)));
    expect(results.size, key).toBeGreaterThan(1);
  }
});

test("the question shows the function to complete, and no test", () => {
  for (const { messages, language } of drawn.slice(0, 200)) {
    const text = messages[0]!.content as string;
    expect(text).toMatch(
      /^(Complete the function\.|补全函数。)\nfunction f\((x|s|list|a, b)\) \{\n {2}\/\/ (returns |返回).*\n\}$/,
    );
    expect(/[\u4e00-\u9fff]/.test(text)).toBe(language === "zh");
  }
});
