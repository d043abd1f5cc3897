import { expect, it } from "vitest";
import { countFlaws } from "../../src/eval/flaws.ts";
import { flawName } from "../../src/verify/flaws.ts";
import type { Sample } from "../../src/eval/problem.ts";

it("counts the replies with each flaw, by what was asked", () => {
  const problem = (id: string, content: string) => ({
    id,
    grader: "math",
    row: {},
    messages: [{ role: "user", content }],
  });
  const sample = (of: string, thinking: string): Sample => {
    return { problem: of, sample: 0, seed: 0, thinking, answer: "7", reason: "stop", seconds: 1 };
  };
  const plain = "There were twelve apples in the basket at first, and five of them were eaten, so seven are left.";
  const problems = [problem("a", "How many apples are left?"), problem("b", "What is 苹果 in English?")];
  const samples = [
    sample("a", plain),
    sample("a", `${plain} 因此 seven.`),
    sample("b", `${plain} 因此 seven.`),
    sample("a", `${plain} ${"Wait, let me check. ".repeat(120)}`),
  ];
  expect(countFlaws(problems, samples)).toEqual({ endless_repetition: 1, language_mixing: 1 });
  expect(countFlaws(problems, [])).toEqual({});
  expect(flawName("language_mixing")).toBe("language mixing");
});
