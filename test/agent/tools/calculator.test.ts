import { describe, expect, it } from "vitest";
import { definition } from "../../../src/agent/tool.ts";
import { calculator, evaluate } from "../../../src/agent/tools/calculator.ts";
import { CALCULATOR } from "../../../src/training/tasks/tools.ts";
import { clock } from "../../support/own-time.ts";

describe("the calculator", () => {
  it.each([
    ["48231 * 917", "44227827"],
    ["48231 × 917 = ?", "44227827"],
    ["0.1 + 0.2", "0.3"],
    ["(1/3) * 3", "1"],
    ["2^200", "1606938044258990275541962092341162602522202993782792835301376"],
    ["1,234,567 + 1", "1234568"],
    ["−5 ÷ 4", "-1.25"],
    ["10 % 4", "2"],
    ["sqrt(2)", "1.4142135623731"],
    ["20!", "2432902008176640000"],
    ["gcd(12, 18)", "6"],
    ["1e-9", "1e-9"],
    ["2 ** 10", "1024"],
    ["sin(pi / 6)", "0.5"],
  ])("%s is %s", async (expression, value) => {
    expect(await evaluate(expression)).toBe(value);
  });

  it.each([
    "",
    "2 +",
    "x",
    "import('fs')",
    "a = 3",
    "f(x) = x",
    "[1, 2]",
    '"text"',
    "1; 2",
    "evaluate('1')",
    "parse('1')",
    "1/0",
    "sqrt(-1)",
    "5 > 3",
    "99999!",
    "(3!)!",
    "factorial(1e9)",
    "10^10^10^10",
    "i",
    "2 kg",
    "sqrt.constructor",
    "cos.x",
    "true",
    "range(1, 1e9)",
    "random()",
    "1".repeat(2000),
    `${"(".repeat(400)}1${")".repeat(400)}!!`,
  ])("refuses %s, in no time", async (expression) => {
    const taken = clock();
    await expect(evaluate(expression)).rejects.toMatchObject({ name: "ToolError" });
    expect(taken()).toBeLessThan(2000);
  });

  it("is the tool that training shows", () => {
    expect(definition(calculator())).toEqual(CALCULATOR);
  });
});
