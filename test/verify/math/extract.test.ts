import { describe, expect, it } from "vitest";
import { extractAnswer } from "../../../src/verify/math/extract.ts";

describe("the answer of a reply", () => {
  it.each([
    ["So $\\boxed{\\frac{1}{2}}$.", "\\frac{1}{2}"],
    ["\\boxed{\\left\\{1, 2\\right\\}}", "\\left\\{1, 2\\right\\}"],
    ["first \\boxed{7}, which is not yet all of it.\n\nThen \\boxed{8}", "8"],
    ["$x = \\boxed{1}$ or $x = \\boxed{2}$", "1,2"],
    ["\\boxed{3}, \\boxed{3}", "3"],
    ["\\fbox{12}", "12"],
    ["$\\boxed 5$", "5"],
    ["\\boxed{\\text{no } \\boxed{4}}", "\\text{no } \\boxed{4}"],
    ["The final answer is $\\frac{3}{4}$. I hope it is correct.", "\\frac{3}{4}"],
    ["The answer is 1,234 apples.", "1,234"],
    ["Answer: $x=2$ and $y=3$", "x=2,y=3"],
    ["Answer: 50%", "50%"],
    ["**Answer:** Tuesday", "Tuesday"],
    ["She has 3 left.\n#### 42", "42"],
    ["so it is\n\\[ 2\\sqrt{3} \\]", "2\\sqrt{3}"],
    ["$1+1=2$, then 5", "5"],
    ["The answer is 5. No, wait: the answer is 6.", "6"],
  ])("%j: %s", (reply, answer) => {
    expect(extractAnswer(reply)).toBe(answer);
  });

  it.each([[""], ["I do not know."], ["\\boxed{}"], ["\\boxed"], ["$"], ["####"]])("%j has none", (reply) => {
    expect(extractAnswer(reply)).toBe("");
  });

  it("a box that never ends holds all that follows", () => {
    expect(extractAnswer("\\boxed{\\frac{1}{2}")).toBe("\\frac{1}{2}");
  });
});

it("ten million characters of anything take no longer than their end", () => {
  for (const bomb of ["\\boxed{", "$", "the answer is ", "1,", "\\", "{", "\\boxed{1} and ", "final answer ", "-"]) {
    const reply = bomb.repeat(Math.ceil(1e7 / bomb.length));
    const began = process.cpuUsage();
    extractAnswer(reply);
    expect(process.cpuUsage(began).user, bomb).toBeLessThan(2e6); // microseconds
  }
});
