/** How people ask for an expression's value, in English and in Chinese. */
import type { Dice } from "../dice.ts";
import type { Language } from "../problem.ts";
import { type Expression, type Sign, textOf } from "./expressions.ts";

type Ask = (e: string) => string;
type AskPair = (a: string, b: string) => string;

/** Of any expression. */
const WHOLE: Readonly<Record<Language, readonly Ask[]>> = {
  en: [
    (e) => `What is ${e}?`,
    (e) => `What is ${e}`,
    (e) => `what's ${e}?`,
    (e) => `Calculate ${e}.`,
    (e) => `Use the calculator: ${e}`,
    (e) => `Please calculate ${e}`,
    (e) => `Compute ${e}.`,
    (e) => `Work out ${e}.`,
    (e) => `Evaluate ${e}`,
    (e) => `How much is ${e}?`,
    (e) => `What does ${e} come to?`,
    (e) => `Can you tell me what ${e} is?`,
    (e) => `I need the value of ${e}.`,
    (e) => `${e} = ?`,
    (e) => `${e}=?`,
    (e) => e,
  ],
  zh: [
    (e) => `${e} 等于多少？`,
    (e) => `${e}等于多少？`,
    (e) => `${e} 等于几？`,
    (e) => `计算 ${e}。`,
    (e) => `计算${e}`,
    (e) => `请计算 ${e}。`,
    (e) => `用计算器算 ${e}`,
    (e) => `用计算器计算：${e}`,
    (e) => `帮我算一下 ${e}。`,
    (e) => `${e} 是多少？`,
    (e) => `请问 ${e} 的结果是什么？`,
    (e) => `求 ${e} 的值。`,
    (e) => `${e} = ？`,
    (e) => `${e}=？`,
  ],
};

/** Of two numbers, the sign said in words. */
const PAIR: Readonly<Record<Language, Readonly<Record<Sign, readonly AskPair[]>>>> = {
  en: {
    "+": [
      (a, b) => `What is ${a} plus ${b}?`,
      (a, b) => `How much is ${a} plus ${b}?`,
      (a, b) => `Add ${a} and ${b}.`,
      (a, b) => `What is the sum of ${a} and ${b}?`,
    ],
    "-": [
      (a, b) => `What is ${a} minus ${b}?`,
      (a, b) => `How much is ${a} minus ${b}?`,
      (a, b) => `Subtract ${b} from ${a}.`,
    ],
    "*": [
      (a, b) => `What is ${a} times ${b}?`,
      (a, b) => `How much is ${a} times ${b}?`,
      (a, b) => `Multiply ${a} by ${b}.`,
      (a, b) => `What is the product of ${a} and ${b}?`,
      (a, b) => `A box holds ${b} pens. How many pens do ${a} boxes hold?`,
    ],
    "/": [
      (a, b) => `What is ${a} divided by ${b}?`,
      (a, b) => `How much is ${a} divided by ${b}?`,
      (a, b) => `Divide ${a} by ${b}.`,
      (a, b) => `Share ${a} among ${b}.`,
    ],
    "^": [(a, b) => `What is ${a} to the power of ${b}?`, (a, b) => `Raise ${a} to the power ${b}.`],
  },
  zh: {
    "+": [(a, b) => `${a} 加 ${b} 等于多少？`, (a, b) => `${a}加${b}是多少？`, (a, b) => `求 ${a} 与 ${b} 的和。`],
    "-": [(a, b) => `${a} 减 ${b} 等于多少？`, (a, b) => `${a}减去${b}是多少？`],
    "*": [
      (a, b) => `${a} 乘以 ${b} 等于多少？`,
      (a, b) => `${a}乘${b}是多少？`,
      (a, b) => `求 ${a} 与 ${b} 的积。`,
      (a, b) => `一盒有 ${b} 支笔，${a} 盒有多少支？`,
    ],
    "/": [(a, b) => `${a} 除以 ${b} 等于多少？`, (a, b) => `${a}除以${b}是多少？`],
    "^": [(a, b) => `${a} 的 ${b} 次方是多少？`],
  },
};

/** Never trained on: to see what becomes of words that nobody has taught. */
export const UNTAUGHT: Readonly<Record<Language, readonly Ask[]>> = {
  en: [(e) => `Tell me the result of ${e}.`, (e) => `So what would ${e} be?`],
  zh: [(e) => `请告诉我 ${e} 得多少。`, (e) => `你知道 ${e} 是几吗？`],
};

/** A question, and the expression as it is to be called. */
export interface Asked {
  readonly question: string;
  readonly call: string;
}

/** One of the wordings of any expression. */
export function wording(dice: Dice, language: Language): Ask {
  return dice.pick(WHOLE[language]);
}

/** Asks for an expression: one of three pairs in words, everything else by its signs. */
export function ask(dice: Dice, expression: Expression, language: Language): Asked {
  const { pair } = expression;
  if (pair !== undefined && dice.chance(1 / 3)) {
    const [a, sign, b] = pair;
    return { question: dice.pick(PAIR[language][sign])(a, b), call: textOf(expression) };
  }
  return asSigns(dice, expression, wording(dice, language));
}

/** Asks by the expression's signs: people's or programs', tight or not. It is called with programs', else as it is asked. */
export function asSigns(dice: Dice, expression: Expression, wording: Ask): Asked {
  const call = textOf(expression, dice.chance(0.2));
  const peoples = dice.chance(0.4);
  const shown = peoples ? call.replaceAll("*", "\u00d7").replaceAll("/", "\u00f7") : call;
  return { question: wording(shown), call };
}
