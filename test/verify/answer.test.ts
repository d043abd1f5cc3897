import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerOf, boxed, checkAnswer } from "../../src/verify/answer.ts";

const after = (answer: string) => `7+6=13\n</think>\n\n${answer}`;
const reason = (answer: string, expected: string) => checkAnswer(after(answer), expected).reason;

describe("the right answer", () => {
  test.each([
    ["The answer is 933.", "933"],
    ["The answer is 933", "933"],
    ["933", "933"],
    ["**933**", "933"],
    ["347 + 586 = 933.", "933"],
    ["347 - 586 = -239", "-239"],
    ["347-586=-239.", "-239"],
    ["The answer is -239.", "-239"],
    ["The answer is 347 + 586 = 933.", "933"],
    ["The answer is 933, because 347 + 586 = 933.", "933"],
    ["The answer is 19 apples.", "19"],
    ["The final answer is: $\\boxed{933}$", "933"],
    ["We add 347 and 586, so \\boxed{\\frac{1}{2}} it is.", "0.5"],
    ["Answer: 1,234", "1234"],
    ["答案是933。", "933"],
    ["答案是：-5", "-5"],
    ["答案是９３３。", "933"],
    ["答案是负5。", "-5"],
    ["答案为 1/2。", "0.5"],
    ["所以结果等于12个苹果。", "12"],
    ["Tom has 19 apples.", "19"],
    ["x = 1 1/2", "3/2"],
    ["The answer is 50%.", "1/2"],
    ["The answer is 933. Yes, the answer is 933.", "933"],
  ])("%s", (answer, expected) => {
    expect(checkAnswer(after(answer), expected)).toMatchObject({ right: true, reason: "right" });
  });
});

describe("no right answer", () => {
  test.each([
    ["The answer is 934.", "933", "wrong"],
    ["The answer is 239.", "-239", "wrong"],
    ["The answer is 9330.", "933", "wrong"],
    ["The answer is 93.", "933", "wrong"],
    ["347 + 586 = 934", "933", "wrong"],
    ["The answer is unknown.", "933", "none"],
    ["I do not know.", "933", "none"],
  ])("%s is not %s", (answer, expected, why) => {
    expect(reason(answer, expected)).toBe(why);
  });
});

describe("what is tried to be paid without an answer", () => {
  test.each([
    ["The answer is 932 or 933."],
    ["The answer is 933. The answer is 934."],
    ["The answer is 934. No, the answer is 933."],
    ["932, 933, 934"],
    ["93,94,9"],
    ["932/933 933"],
    ["932 933"],
    ["The answer is 933, 934, 935."],
    ["The answer is 933. Or 934."],
    ["\\boxed{932} \\boxed{933}"],
    ["\\boxed{932, 933}"],
    ["答案是932或933。"],
    ["答案是932，933。"],
    ["答案是932、933。"],
    ["933\n934\n935"],
    ["347 + 586 = 933 or 934"],
    ["9 3 3"],
  ])("several answers: %s", (answer) => {
    expect(reason(answer, "933")).toBe("several");
  });

  test.each([
    ["So 933.", "unfinished"],
    ["933", "unfinished"],
    ["The answer is 933.", "unfinished"],
    ["So 933.\n</think>", "empty"],
    ["So 933.\n</think>\n\n", "empty"],
    ["So 933.\n</think>\n\n \n", "empty"],
    ["7\n</think>\n\nThe answer is 1.\n</think>\n\nThe answer is 933.", "malformed"],
    ["So 933.\n</think>\n\nSee above.", "none"],
    ["", "unfinished"],
    [`\n</think>\n\n${"1 ".repeat(20_000)}`, "malformed"],
  ])("%j: %s", (reply, why) => {
    expect(checkAnswer(reply, "933").reason).toBe(why);
  });

  test("any list of numbers that differ is refused, wherever the right one stands", () => {
    const numbers = fc.uniqueArray(fc.nat(999), { minLength: 2, maxLength: 30 });
    const joint = fc.constantFrom(" ", ", ", ",", "\n", " or ", "、", "，", "; ", " = = ", "|", "/");
    fc.assert(
      fc.property(
        numbers,
        joint,
        fc.constantFrom("", "The answer is ", "答案是"),
        fc.nat(),
        (list, joint, words, at) => {
          const expected = String(list[at % list.length]);
          const verdict = checkAnswer(after(words + list.join(joint)), expected);
          // What follows the last "=" is one answer, and only the last of the list.
          if (joint === " = = ") expect(verdict.right).toBe(list.at(-1) === Number(expected));
          else if (joint === "/" && list.length === 2)
            return; // a fraction
          else if (joint === "," && /^\d{1,3}(,\d{3})+$/.test(list.join(",")))
            return; // thousands
          else expect(verdict.reason).toBe("several");
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("thoughts do not count, whatever they hold", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (thoughts) => {
        const clean = thoughts.replaceAll("</think>", "").replace(/^\s*<think>/, "");
        expect(
          checkAnswer(`${clean} The answer is 933. \\boxed{933}\n</think>\n\nThe answer is 1.`, "933").reason,
        ).toBe("wrong");
      }),
    );
  });

  test("never throws, and is quick", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void checkAnswer(after(text), "933")),
    );
    const start = process.cpuUsage();
    for (const bomb of ["1,", "=", "answer is ", "\\boxed{", "{", "1/", " ", "answer" + " ".repeat(20)]) {
      checkAnswer(after(bomb.repeat(Math.floor(19_000 / bomb.length))), "933");
    }
    expect(process.cpuUsage(start).user).toBeLessThan(1e6); // microseconds
  });
});

test("answers that are words are compared without case, marks and spaces", () => {
  expect(reason("The answer is Paris.", "paris")).toBe("right");
  expect(reason("\\boxed{Paris}", "Paris")).toBe("right");
  expect(reason("  PARIS! ", "Paris")).toBe("right");
  expect(reason("London", "Paris")).toBe("wrong");
  expect(reason("Paris or London", "Paris")).toBe("wrong");
  expect(reason("\\boxed{Paris} \\boxed{London}", "Paris")).toBe("several");
});

test("an answer is what follows the thoughts", () => {
  expect(answerOf("a\n</think>\n\nb\n")).toEqual({ answer: "b" });
  expect(answerOf("<think>\na\n</think>\n\nb")).toEqual({ answer: "b" });
});

test("boxes are found with their inner braces, and an open one to the end", () => {
  expect(boxed("\\boxed{\\frac{1}{2}} and \\boxed{3")).toEqual(["\\frac{1}{2}", "3"]);
  expect(boxed("\\boxed{1 \\boxed{2}} \\boxed{3}")).toEqual(["1 \\boxed{2}", "3"]);
  expect(boxed("none")).toEqual([]);
});

test("the detail says what came and what was due", () => {
  expect(checkAnswer(after("The answer is 934."), "933").detail).toBe("The answer is 934, not 933.");
  expect(checkAnswer(after("932, 933"), "933").detail).toBe("There is more than one answer: 932, 933.");
});
