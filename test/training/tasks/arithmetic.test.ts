import { expect, test } from "vitest";
import { problem } from "../../../src/training/tasks/arithmetic.ts";
import { Dice } from "../../../src/training/tasks/dice.ts";
import { distinct } from "../../../src/training/tasks/problems.ts";

test("a whole solution", () => {
  const { solution } = problem({ operation: "+", a: 7, b: 6 }, "en", "What is 7 + 6?");
  expect(solution()).toBe("ones: 7+6=13\nSo 13.\n</think>\n\nThe answer is 13.");
  const chinese = problem({ operation: "-", a: 7, b: 6 }, "zh", "7 - 6 = \uff1f");
  expect(chinese.solution()).toBe(
    "7>6\n\u4e2a\u4f4d\uff1a7-6=1\n\u6240\u4ee5\u662f1\u3002\n</think>\n\n\u7b54\u6848\u662f1\u3002",
  );
});

const drawn = distinct("arithmetic", "train", 1, 6000);
const asked = drawn.map(({ messages }) => messages[0]!.content as string);

test("every wording that is promised is drawn, with each sign, and no other", () => {
  const n = String.raw`\d{1,3}`;
  const forms = ["What is E?", "E = ?", "Calculate E.", "E 等于多少？", "E = ？", "计算 E。"];
  const patterns = forms.flatMap((form) =>
    ["\\+", "-", "\\*", "×"].map((sign) => {
      const around = form.replace(/[?.]/g, "\\$&");
      return [`^${around.replace("E", `${n} ${sign} ${n}`)}$`, `^${tight(around).replace("E", `${n}${sign}${n}`)}$`];
    }),
  );
  for (const pair of patterns) {
    for (const pattern of pair)
      expect(
        asked.some((text) => new RegExp(pattern).test(text)),
        pattern,
      ).toBe(true);
  }
  const all = new RegExp(patterns.flat().join("|"));
  expect(asked.filter((text) => !all.test(text))).toEqual([]);
});

/** Without the spaces around the sum and its equals sign. */
function tight(form: string): string {
  return form.startsWith("E") || form.startsWith("计") ? form.replaceAll(" ", "") : form;
}

test("the numbers are those promised: to 999, and one digit times such a number in either order", () => {
  const numbers = asked.map((text) => [...text.matchAll(/\d+/g)].map(Number));
  expect(Math.max(...numbers.flat())).toBe(999);
  const products = asked.flatMap((text, i) => (/[*×]/.test(text) ? [numbers[i]!] : []));
  expect(products.every(([a, b]) => Math.min(a!, b!) < 10)).toBe(true);
  expect(products.some(([a]) => a! > 9) && products.some(([, b]) => b! > 9)).toBe(true);
  expect(drawn.some(({ answer }) => answer.startsWith("-"))).toBe(true);
});

test("the answer is what JavaScript makes of the question; a slip makes it another", () => {
  const dice = new Dice(5);
  for (const [i, one] of drawn.entries()) {
    const [expression] = /\d+ ?[-+*×] ?\d+/.exec(asked[i]!)!;
    const value = Number(Function(`return ${expression.replace("×", "*")}`)());
    expect(Number(one.answer)).toBe(value);
    const [, said] = /<\/think>\n\n\D*?(-?\d+)/.exec(one.solution())!;
    expect(Number(said)).toBe(value);
    const [, wrong] = /<\/think>\n\n\D*?(-?\d+)/.exec(one.solution(dice))!;
    expect(Number(wrong)).not.toBe(value);
  }
});
