/**
 * Small programs: a JavaScript function whose comment says what it returns, to be completed so that tests pass. The tests
 * are not shown; they are data for the code execution server.
 */
import type { CallTest, Json } from "../../verify/server/protocol.ts";
import type { Dice } from "./dice.ts";
import { type Language, type Problem, reply } from "./problem.ts";

/** A function to write. `k` and `c` are its constants. */
interface Family {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly en: (k: number, c: number) => string;
  readonly zh: (k: number, c: number) => string;
  /** The expression returned, as the solution writes it. */
  readonly code: (k: number, c: number) => string;
  /** The same, computed. */
  readonly value: (k: number, c: number, ...args: never[]) => Json;
  /** Arguments to test with: those at which a constant that is off by one shows, and others. */
  readonly args: (dice: Dice, k: number) => readonly (readonly Json[])[];
  /** Whether `c` is used; it is 0 otherwise. */
  readonly second: boolean;
}

const near = (dice: Dice, k: number) => [k - 1, k, k + 1, 0, dice.between(-99, 99)].map((x) => [x]);
const pairs = (dice: Dice, k: number) => near(dice, k).map(([x]) => [x!, dice.between(-20, 20)]);
const WORDS = ["", "a", "cat", "hello", "QwQ 32"] as const;
const texts = () => WORDS.map((word) => [word]);
const lists = (dice: Dice, k: number) =>
  [[k], [k, k + 1, k - 1], [0, 5], [dice.between(-9, 9), dice.between(-9, 9), 3]].map((list) => [list]);

const FAMILIES: readonly Family[] = [
  {
    name: "affine",
    parameters: ["x"],
    en: (k, c) => `x times ${k} plus ${c}`,
    zh: (k, c) => `x乘${k}加${c}`,
    code: (k, c) => `x * ${k} + ${c}`,
    value: (k, c, x: number) => x * k + c,
    args: near,
    second: true,
  },
  {
    name: "difference",
    parameters: ["x"],
    en: (k, c) => `x times ${k} minus ${c}`,
    zh: (k, c) => `x乘${k}减${c}`,
    code: (k, c) => `x * ${k} - ${c}`,
    value: (k, c, x: number) => x * k - c,
    args: near,
    second: true,
  },
  {
    name: "two",
    parameters: ["a", "b"],
    en: (k, c) => `a times ${k} plus b minus ${c}`,
    zh: (k, c) => `a乘${k}加b减${c}`,
    code: (k, c) => `a * ${k} + b - ${c}`,
    value: (k, c, a: number, b: number) => a * k + b - c,
    args: pairs,
    second: true,
  },
  {
    name: "larger",
    parameters: ["x"],
    en: (k) => `the larger of x and ${k}`,
    zh: (k) => `x和${k}中较大的`,
    code: (k) => `Math.max(x, ${k})`,
    value: (k, _, x: number) => Math.max(x, k),
    args: near,
    second: false,
  },
  {
    name: "smaller",
    parameters: ["x"],
    en: (k) => `the smaller of x and ${k}`,
    zh: (k) => `x和${k}中较小的`,
    code: (k) => `Math.min(x, ${k})`,
    value: (k, _, x: number) => Math.min(x, k),
    args: near,
    second: false,
  },
  {
    name: "above",
    parameters: ["x"],
    en: (k) => `whether x is greater than ${k}`,
    zh: (k) => `x是否大于${k}`,
    code: (k) => `x > ${k}`,
    value: (k, _, x: number) => x > k,
    args: near,
    second: false,
  },
  {
    name: "length",
    parameters: ["s"],
    en: (k, c) => `the length of s times ${k} plus ${c}`,
    zh: (k, c) => `s的长度乘${k}加${c}`,
    code: (k, c) => `s.length * ${k} + ${c}`,
    value: (k, c, s: string) => s.length * k + c,
    args: texts,
    second: true,
  },
  {
    name: "sum",
    parameters: ["list"],
    en: (k) => `the sum of list plus ${k}`,
    zh: (k) => `list的和加${k}`,
    code: (k) => `list.reduce((a, b) => a + b, ${k})`,
    value: (k, _, list: number[]) => list.reduce((a, b) => a + b, k),
    args: lists,
    second: false,
  },
  {
    name: "count",
    parameters: ["list"],
    en: (k) => `how many of list are greater than ${k}`,
    zh: (k) => `list中大于${k}的个数`,
    code: (k) => `list.filter((x) => x > ${k}).length`,
    value: (k, _, list: number[]) => list.filter((x) => x > k).length,
    args: lists,
    second: false,
  },
];

/** The function's name, which tests call. */
const ENTRY = "f";

const ASKED: Readonly<Record<Language, string>> = { en: "Complete the function.", zh: "补全函数。" };
const RETURNS: Readonly<Record<Language, (what: string) => string>> = {
  en: (what) => `returns ${what}`,
  zh: (what) => `返回${what}`,
};

/** Draws a program to complete, of any split. */
export function program(dice: Dice): Problem {
  const family = dice.pick(FAMILIES);
  const [k, c] = [dice.between(2, family.second ? 20 : 99), family.second ? dice.between(1, 50) : 0];
  const language = dice.chance(0.5) ? "en" : "zh";
  const head = `function ${ENTRY}(${family.parameters.join(", ")}) {`;
  const what = family[language](k, c);
  const question = `${ASKED[language]}\n${head}\n  // ${RETURNS[language](what)}\n}`;
  const tests = family.args(dice, k).map((args): CallTest => {
    return { args, expected: family.value(k, c, ...(args as never[])) };
  });
  const written = (code: string) => `\`\`\`js\n${head}\n  return ${code};\n}\n\`\`\``;
  return {
    kind: "program",
    key: `${family.name} ${k} ${c}`,
    language,
    messages: [{ role: "user", content: question }],
    answer: family.code(k, c),
    check: { type: "program", language: "javascript", entry: ENTRY, tests },
    solution(slip) {
      const code = slip === undefined ? family.code(k, c) : family.code(k + slip.pick([1, -1]), c);
      return reply([`${what}: ${code}`], written(code));
    },
  };
}
