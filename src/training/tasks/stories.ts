/** Word problems of one or two steps. The thoughts name each sum and work it out as arithmetic does. */
import { ANSWERS } from "./arithmetic.ts";
import type { Dice } from "./dice.ts";
import { type Language, type Problem, reply } from "./problem.ts";
import { keyOf, type Sum, valueOf, work } from "./working.ts";

/** Who and what a story is about. */
interface Cast {
  readonly name: string;
  readonly other: string;
  readonly thing: string;
}

/** A story: its numbers, the sums that solve it, and how it is told. */
interface Story {
  draw(dice: Dice): readonly number[];
  /** The first sum, and what is done with its result. */
  sums(numbers: readonly number[]): readonly [Sum, ((first: number) => Sum)?];
  readonly en: (cast: Cast, numbers: readonly number[]) => string;
  readonly zh: (cast: Cast, numbers: readonly number[]) => string;
}

const PEOPLE: Readonly<Record<Language, readonly string[]>> = {
  en: ["Tom", "Amy", "Ben", "Lily", "Sam", "Ann"],
  zh: ["小明", "小红", "小华", "小丽"],
};

/** In Chinese with their measure words. */
const THINGS: Readonly<Record<Language, readonly string[]>> = {
  en: ["apples", "books", "pens", "eggs", "coins", "cards"],
  zh: ["个苹果", "本书", "支笔", "个鸡蛋", "颗糖", "张卡片"],
};

const sum = (operation: Sum["operation"], a: number, b: number): Sum => ({ operation, a, b });
const two = (dice: Dice) => [dice.between(2, 99), dice.between(2, 99)];
/** The larger first: nobody gives away what they do not have. */
const falling = (dice: Dice) => two(dice).sort((a, b) => b - a);

const STORIES: readonly Story[] = [
  {
    draw: two,
    sums: ([a, b]) => [sum("+", a!, b!)],
    en: ({ name, thing }, [a, b]) =>
      `${name} has ${a} ${thing} and gets ${b} more. How many ${thing} does ${name} have now?`,
    zh: ({ name, thing }, [a, b]) => `${name}有${a}${thing}，又得到${b}${thing}。${name}现在有多少${thing}？`,
  },
  {
    draw: falling,
    sums: ([a, b]) => [sum("-", a!, b!)],
    en: ({ name, thing }, [a, b]) => `${name} has ${a} ${thing} and gives away ${b}. How many ${thing} are left?`,
    zh: ({ name, thing }, [a, b]) => `${name}有${a}${thing}，送出${b}${thing}。还剩多少${thing}？`,
  },
  {
    draw: (dice) => [dice.between(2, 99), dice.between(2, 9)],
    sums: ([a, b]) => [sum("×", a!, b!)],
    en: ({ thing }, [a, b]) => `There are ${b} boxes with ${a} ${thing} each. How many ${thing} are there in all?`,
    zh: ({ thing }, [a, b]) => `有${b}个盒子，每个盒子有${a}${thing}。一共有多少${thing}？`,
  },
  {
    draw: two,
    sums: ([a, b]) => [sum("+", a!, b!)],
    en: ({ name, other, thing }, [a, b]) =>
      `${name} has ${a} ${thing}. ${other} has ${b} more. How many ${thing} does ${other} have?`,
    zh: ({ name, other, thing }, [a, b]) =>
      `${name}有${a}${thing}，${other}比${name}多${b}${thing}。${other}有多少${thing}？`,
  },
  {
    draw: (dice) => {
      const [a, b] = [dice.between(2, 99), dice.between(2, 99)];
      return [a, b, dice.between(2, a + b)];
    },
    sums: ([a, b, c]) => [sum("+", a!, b!), (first) => sum("-", first, c!)],
    en: ({ name, thing }, [a, b, c]) =>
      `${name} has ${a} ${thing}, gets ${b} more and gives away ${c}. How many ${thing} are left?`,
    zh: ({ name, thing }, [a, b, c]) =>
      `${name}有${a}${thing}，又得到${b}${thing}，送出${c}${thing}。还剩多少${thing}？`,
  },
  {
    draw: (dice) => [dice.between(2, 99), dice.between(2, 9), dice.between(2, 99)],
    sums: ([a, b, c]) => [sum("×", a!, b!), (first) => sum("+", first, c!)],
    en: ({ name, thing }, [a, b, c]) =>
      `${name} has ${b} boxes with ${a} ${thing} each and gets ${c} more. How many ${thing} does ${name} have now?`,
    zh: ({ name, thing }, [a, b, c]) =>
      `${name}有${b}个盒子，每个盒子有${a}${thing}，又得到${c}${thing}。${name}现在有多少${thing}？`,
  },
];

/** Draws a word problem of any split. */
export function story(dice: Dice): Problem {
  const told = dice.pick(STORIES);
  const numbers = told.draw(dice);
  const language = dice.chance(0.5) ? "en" : "zh";
  const [name, other] = dice.some(PEOPLE[language], 2) as [string, string];
  const [first, then] = told.sums(numbers);
  const second = then?.(valueOf(first));
  const answer = String(valueOf(second ?? first));
  return {
    kind: "story",
    // The sums alone: who had 7 and got 12 more asks what 7 + 12 is.
    key: [first, ...(second === undefined ? [] : [second])].map(keyOf).join(";"),
    language,
    messages: [{ role: "user", content: told[language]({ name, other, thing: dice.pick(THINGS[language]) }, numbers) }],
    answer,
    check: { type: "answer", answer },
    solution(slip) {
      const wrong = slip?.below(then === undefined ? 1 : 2);
      const one = work(first, language, wrong === 0 ? slip : undefined);
      const next = then?.(one.result);
      const lines = [written(first), ...one.lines];
      if (next === undefined) return reply(lines, ANSWERS[language](one.result));
      const other = work(next, language, wrong === 1 ? slip : undefined);
      return reply([...lines, written(next), ...other.lines], ANSWERS[language](other.result));
    },
  };
}

/** 7+12 */
function written({ operation, a, b }: Sum): string {
  return `${a}${operation}${b}`;
}
