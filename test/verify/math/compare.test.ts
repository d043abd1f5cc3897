import { beforeAll, describe, expect, it } from "vitest";
import { sameAnswer } from "../../../src/verify/math/compare.ts";
import { Evaluator } from "../../../src/verify/math/evaluate.ts";

let evaluator: Evaluator;
beforeAll(async () => {
  evaluator = await Evaluator.open();
});

describe("says the same", () => {
  it.each([
    ["\\frac{1}{2}", "0.5"],
    ["\\frac12", "\\dfrac{2}{4}"],
    ["1.5", "1\\frac{1}{2}"],
    ["2\\sqrt{3}", "\\sqrt{12}"],
    ["\\frac{\\sqrt{2}}{2}", "\\frac{1}{\\sqrt2}"],
    ["[1,2)", "\\left[1, 2\\right)"],
    ["(-\\infty,1)\\cup(2,\\infty)", "x \\in (2, +\\infty) \\cup (-\\infty, 1)"],
    ["\\{1,2,3\\}", "3, 1 \\text{ and } 2"],
    ["(1,2)", "1, 2"],
    ["\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "\\begin{bmatrix}1&2\\\\3&\\frac{8}{2}\\end{bmatrix}"],
    ["50\\%", "0.5"],
    ["50", "50\\%"],
    ["5\\text{ cm}^2", "5"],
    ["90^\\circ", "90"],
    ["y=2x+3", "2x - y + 3 = 0"],
    ["5", "x = 5"],
    ["x=5", "5"],
    ["x > 2", "(2,\\infty)"],
    ["1 < x \\le 2", "(1,2]"],
    ["x \\ge 3", "3 \\le x"],
    ["(x+1)^2", "x^2+2x+1"],
    ["x_1+2x_2", "2x_{2} + x_{1}"],
    ["\\text{Tuesday}", "tuesday"],
    ["\\text{(B)}", "B"],
    ["\\binom{5}{2}", "10"],
    ["1{,}234", "1234"],
    ["\\$18.90", "18.9"],
    ["2\\pm\\sqrt{3}", "2-\\sqrt{3}, 2+\\sqrt{3}"],
    ["3+4i", "4i+3"],
    ["e^{i\\pi/4}", "\\frac{1+i}{\\sqrt{2}}"],
    ["10^{-20}", "0.00000000000000000001"],
    ["2\\sqrt{x} = 4", "\\sqrt{x} = 2"],
    ["2^{200}+1", "1606938044258990275541962092341162602522202993782792835301377"],
    ["\\frac{x^2-1}{x-1}", "x+1"],
    ["\\sin^2 x", "1-\\cos^2 x"],
    ["0.333333", "\\frac{1}{3}"],
    ["\\emptyset", "\\varnothing"],
  ])("%s as %s", (expected, given) => {
    expect(sameAnswer(expected, given, evaluator)).toBe(true);
  });
});

describe("says something else", () => {
  it.each([
    ["\\frac{1}{2}", "\\frac{2}{1}"],
    ["\\frac{1}{3}", "0.33"],
    ["[1,2)", "(1,2)"],
    ["(1,2)", "(2,1)"],
    ["(1,2)", "2, 1"],
    ["\\{1,2\\}", "\\{1,2,3\\}"],
    ["\\{1,2\\}", "1"],
    ["x=5", "y=5"],
    ["(2,\\infty)", "x > 2"],
    ["x > 2", "x \\ge 2"],
    ["x^2", "|x|^3"],
    ["x", "|x|"],
    ["\\begin{pmatrix} 1 & 2 \\end{pmatrix}", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}"],
    ["2^{200}", "1606938044258990275541962092341162602522202993782792835301377"],
    ["\\text{Tuesday}", "Wednesday"],
    ["5", "5!"],
    ["5", "5."],
    ["5", ""],
    ["x+1", "x+2"],
    ["12", "1,2"],
    ["\\pi", "3.14"],
    ["2^{2000}", "2^{2001}"],
    ["10^{-20}", "10^{-21}"],
    ["1+2i", "1-2i"],
    ["\\frac{1}{3}x", "0.3333333333333x"],
  ])("%s, not %s", (expected, given) => {
    expect(sameAnswer(expected, given, evaluator)).toBe(false);
  });
});

it.each([
  ["\\frac{1}{"],
  ["\\left("],
  ["{{{"],
  ["}"],
  ["\\begin{pmatrix}1"],
  ["\\sqrt"],
  ["^"],
  ["=="],
  ["\\cup"],
  ["\\%"],
])("%s, which is unbalanced, is not 1 and breaks nothing", (given) => {
  expect(sameAnswer("1", given, evaluator)).toBe(false);
  expect(typeof sameAnswer(given, given, evaluator)).toBe("boolean");
});
