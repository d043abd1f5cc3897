import { expect, it } from "vitest";
import { ChoiceGrader, choiceIn } from "../../src/verify/multiple-choice.ts";

const four = "ABCD";

it.each([
  ["So the answer is \\boxed{B}.", "B"],
  ["$\\boxed{\\text{(C)}}$", "C"],
  ["\\boxed{D. 42 nm}", "D"],
  ["\\boxed{A} was my first thought, but it is \\boxed{B}", "B"],
  ["The answer is (A).", "A"],
  ['Of these, {"answer": "C"}', "C"],
  ["**Answer: D**", "D"],
  ["answer: $C$", "C"],
  ["The correct option is B", "B"],
  ["(A) is wrong and (B) is wrong, so (D) remains.", "D"],
  ["It is what I said.\n\nC", "C"],
  ["The answer is A, no, the answer is B.", "B"],
])("%j names %s", (reply, letter) => {
  expect(choiceIn(reply, four)).toBe(letter);
});

it.each([["I do not know."], [""], ["\\boxed{42}"], ["A good question."], ["the answer is a good one"]])(
  "%j names none",
  (reply) => {
    expect(choiceIn(reply, four)).toBeUndefined();
  },
);

it("a choice may be named by its text", () => {
  expect(choiceIn("\\boxed{10^{-4} eV}", four, ["10^{-9} eV", "10^{-4} eV", "1 eV", "2 eV"])).toBe("B");
});

it("grades", async () => {
  const grader = new ChoiceGrader();
  expect(await grader.grade({ answer: "B" }, "\\boxed{B}")).toMatchObject({ right: true, extracted: "B" });
  expect(await grader.grade({ answer: 2 }, "\\boxed{B}")).toMatchObject({
    right: false,
    reason: "The choice is B, not C.",
  });
  expect(await grader.grade({ answer: "(C)" }, "no idea")).toMatchObject({ right: false, extracted: "" });
  expect(() => grader.grade({ answer: "E" }, "")).toThrow(/expected a task whose answer is one of A, B, C, D, got "E"/);
});

it("ten million characters take no longer than their end", async () => {
  const began = performance.now();
  const grade = await new ChoiceGrader().grade({ answer: "A" }, `${"answer is ".repeat(1e6)}\\boxed{A}`);
  expect(grade.right).toBe(true);
  expect(performance.now() - began).toBeLessThan(2000);
});
