import { afterAll, expect, it } from "vitest";
import { MathGrader } from "../../../src/verify/math/grader.ts";
import { MathJudge } from "../../../src/verify/math/judge.ts";

const grader = new MathGrader({ name: "aime24" });
afterAll(() => grader.close());

it("grades numbers at once and everything else in its thread", async () => {
  expect(await grader.grade({ answer: 204 }, "so \\boxed{204}")).toEqual({
    right: true,
    extracted: "204",
    reason: "The answer is 204, as expected.",
  });
  expect(await grader.grade({ answer: "073" }, "\\boxed{73}")).toMatchObject({ right: true });
  expect(await grader.grade({ answer: "\\frac{1}{2}" }, "\\boxed{\\frac{2}{5}}")).toEqual({
    right: false,
    extracted: "\\frac{2}{5}",
    reason: "The answer is \\frac{2}{5}, not \\frac{1}{2}.",
  });
  expect(await grader.grade({ answer: "She pays 4*5=20.\n#### 20" }, "The answer is $20")).toMatchObject({
    right: true,
  });
});

it("a reply without an answer is wrong; a task without one is no task", async () => {
  expect(await grader.grade({ answer: 1 }, "I do not know.")).toEqual({
    right: false,
    extracted: "",
    reason: "There is no answer in the reply.",
  });
  await expect(grader.grade({ answer: "" }, "\\boxed{1}")).rejects.toThrow(/^math: expected a task with an answer/);
  await expect(grader.grade({} as never, "\\boxed{1}")).rejects.toThrow(/got nothing/);
});

it("a comparison that hangs ends in a verdict, and the next one is answered", async () => {
  const judge = new MathJudge({ seconds: 0.5 });
  try {
    expect(await judge.compare("x", "x")).toBe("same");
    expect(await judge.compare("1", "(10^{9})!")).not.toBe("same");
    expect(await judge.compare("\\frac{1}{2}", "0.5")).toBe("same");
  } finally {
    await judge.close();
  }
});

it("ten million characters in a box are graded in a second", async () => {
  const began = performance.now();
  const grade = await grader.grade({ answer: "x" }, `\\boxed{${"x+".repeat(5e6)}x}`);
  expect(grade.right).toBe(false);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(await grader.grade({ answer: "x" }, `${"y".repeat(1e7)} \\boxed{x}`)).toMatchObject({ right: true });
});
