import { expect, it } from "vitest";
import { answerText, noAnswer, score } from "../../src/verify/grader.ts";

it("graders see what follows the thoughts", () => {
  expect(answerText("<think>\n7\n</think>\n\n8\n")).toBe("8");
  expect(answerText("7\n</think>\n\n8")).toBe("8");
  expect(answerText("a </think> b </think> c")).toBe("c");
  expect(answerText("no thoughts: 8")).toBe("no thoughts: 8");
});

it("thoughts that never end leave no answer", () => {
  expect(answerText("<think>\nso it is 8")).toBe("");
  expect(answerText("so it is 8", true)).toBe("");
});

it("grades become numbers", () => {
  expect(score(noAnswer("Nothing follows the thoughts."))).toBe(0);
  expect(score({ right: true, extracted: "8", reason: "" })).toBe(1);
  expect(score({ right: 0.25, extracted: "8", reason: "" })).toBe(0.25);
});
