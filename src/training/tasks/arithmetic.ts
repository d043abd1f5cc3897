/**
 * Arithmetic: sums and differences of numbers to 999, products of such a number with one digit, asked in English and in
 * Chinese, worked out digit by digit.
 */
import type { Dice } from "./dice.ts";
import { type Language, type Problem, reply } from "./problem.ts";
import { keyOf, type Operation, type Sum, valueOf, work } from "./working.ts";

/** The wordings; `e` is the sum as text. */
const WORDINGS: Readonly<Record<Language, readonly ((e: string, tight: boolean) => string)[]>> = {
  en: [(e) => `What is ${e}?`, (e, tight) => (tight ? `${e}=?` : `${e} = ?`), (e) => `Calculate ${e}.`],
  zh: [
    (e, tight) => (tight ? `${e}等于多少？` : `${e} 等于多少？`),
    (e, tight) => (tight ? `${e}=？` : `${e} = ？`),
    (e, tight) => (tight ? `计算${e}。` : `计算 ${e}。`),
  ],
};

/** How the answer is said. */
export const ANSWERS: Readonly<Record<Language, (answer: number | string) => string>> = {
  en: (answer) => `The answer is ${answer}.`,
  zh: (answer) => `答案是${answer}。`,
};

/** Operations as often as they come. */
const OPERATIONS: readonly Operation[] = ["+", "+", "-", "-", "\u00d7"];

/** Draws a problem of any split. */
export function arithmetic(dice: Dice): Problem {
  const operation = dice.pick(OPERATIONS);
  const [a, b] = [number(dice), operation === "\u00d7" ? dice.below(10) : number(dice)];
  const sum: Sum = operation === "\u00d7" && dice.chance(0.2) ? { operation, a: b, b: a } : { operation, a, b };
  const language = dice.chance(0.5) ? "en" : "zh";
  const wording = dice.below(3);
  const tight = dice.chance(0.2);
  const sign = operation === "\u00d7" && dice.chance(0.5) ? "*" : operation;
  const text = tight ? `${sum.a}${sign}${sum.b}` : `${sum.a} ${sign} ${sum.b}`;
  return problem(sum, language, WORDINGS[language][wording]!(text, tight));
}

/** The problem of a sum, asked in these words. */
export function problem(sum: Sum, language: Language, question: string): Problem {
  const answer = String(valueOf(sum));
  return {
    kind: "arithmetic",
    key: keyOf(sum),
    language,
    messages: [{ role: "user", content: question }],
    answer,
    check: { type: "answer", answer },
    solution(slip) {
      const { lines, result } = work(sum, language, slip);
      return reply(lines, ANSWERS[language](result));
    },
  };
}

/** Small numbers more often than chance has them: most sums of everyday are. */
function number(dice: Dice): number {
  const size = dice.below(10);
  return dice.below(size === 0 ? 10 : size < 3 ? 100 : 1000);
}
