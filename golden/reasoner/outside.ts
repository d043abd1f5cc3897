/** Questions that the embedded model was not made for, to say how it fails. */
import type { Dice } from "../../src/training/tasks/dice.ts";
import type { Problem } from "../../src/training/tasks/problem.ts";

type Make = (dice: Dice) => readonly [question: string, answer: number];

/** By what is strange about them. */
export const OUTSIDE: Readonly<Record<string, Make>> = {
  "sums of four digits": (dice) => {
    const [a, b] = [dice.between(1000, 9999), dice.between(1000, 9999)];
    return [`What is ${a} + ${b}?`, a + b];
  },
  "products of two numbers of two digits": (dice) => {
    const [a, b] = [dice.between(10, 99), dice.between(10, 99)];
    return [`What is ${a} × ${b}?`, a * b];
  },
  "sums of three numbers": (dice) => {
    const [a, b, c] = [dice.between(10, 99), dice.between(10, 99), dice.between(10, 99)];
    return [`What is ${a} + ${b} + ${c}?`, a + b + c];
  },
  "another wording: How much is a plus b?": (dice) => {
    const [a, b] = [dice.between(100, 999), dice.between(100, 999)];
    return [`How much is ${a} plus ${b}?`, a + b];
  },
  "exact quotients by one digit": (dice) => {
    const [b, c] = [dice.between(2, 9), dice.between(10, 99)];
    return [`What is ${b * c} / ${b}?`, c];
  },
};

/** So many of them, as problems with an answer to be checked. */
export function outside(dice: Dice, make: Make, count: number): Problem[] {
  return Array.from({ length: count }, () => {
    const [question, answer] = make(dice);
    return {
      kind: "arithmetic",
      key: question,
      language: "en",
      messages: [{ role: "user", content: question }],
      answer: `${answer}`,
      check: { type: "answer", answer: `${answer}` },
      solution: () => "",
    };
  });
}
