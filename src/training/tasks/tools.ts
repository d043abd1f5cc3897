/**
 * Tool calls: sums too long for one's head, a calculator to call, and what it said to be told; and instructions that the
 * calculator is no help with, which are kept without a call.
 */
import type { Content, Message } from "../../text/messages.ts";
import { ANSWERS } from "./arithmetic.ts";
import type { Dice } from "./dice.ts";
import { instruction } from "./instructions.ts";
import { type Language, type Problem, reply } from "./problem.ts";
import { keyOf, type Sum, valueOf } from "./working.ts";

const NAME = "calculator";

/** What the calculator takes, as a JSON schema. */
const PARAMETERS = {
  type: "object",
  properties: { expression: { type: "string" } },
  required: ["expression"],
} as const;

/** The tool as the chat template shows it. */
export const CALCULATOR: Content = {
  type: "function",
  function: { name: NAME, description: "Works out an expression.", parameters: PARAMETERS },
};

const ASKED: Readonly<Record<Language, readonly ((e: string) => string)[]>> = {
  en: [(e) => `What is ${e}?`, (e) => `Calculate ${e}.`, (e) => `Use the calculator: ${e}`],
  zh: [(e) => `${e} 等于多少？`, (e) => `计算 ${e}。`, (e) => `用计算器算 ${e}`],
};

const THOUGHTS = {
  call: { en: "I use the calculator.", zh: "我用计算器。" },
  told: { en: "The calculator says", zh: "计算器说" },
} as const;

/** Draws a problem of any split: two of five ask for the call, two have its result, one needs none. */
export function tool(dice: Dice): Problem {
  const turn = dice.below(5);
  if (turn === 0) return { ...instruction(dice), kind: "tool", tools: [CALCULATOR] };
  const operation = dice.pick(["+", "-", "\u00d7"] as const);
  const number = () => dice.below(10 ** dice.between(3, 5));
  const sum: Sum = { operation, a: number(), b: number() };
  const language = dice.chance(0.5) ? "en" : "zh";
  const [sign, expression] = [
    dice.chance(0.5) ? "*" : "\u00d7",
    `${sum.a} ${sum.operation} ${sum.b}`.replace("\u00d7", "*"),
  ];
  const question: Message = { role: "user", content: dice.pick(ASKED[language])(expression.replace("*", sign)) };
  const base = { kind: "tool", key: keyOf(sum), language, tools: [CALCULATOR] } as const;
  return turn < 3
    ? { ...base, ...asking(sum, expression, question, language) }
    : { ...base, ...telling(sum, expression, question, language) };
}

type Rest = Pick<Problem, "messages" | "answer" | "check" | "solution">;

/** The model's turn is to call. */
function asking(sum: Sum, expression: string, question: Message, language: Language): Rest {
  const call = (text: string) =>
    `<tool_call>\n{"name": "${NAME}", "arguments": {"expression": "${text}"}}\n</tool_call>`;
  return {
    messages: [question],
    answer: call(expression),
    check: {
      type: "calls",
      calls: [{ name: NAME, arguments: { expression } }],
      tools: [{ name: NAME, parameters: PARAMETERS }],
    },
    solution(slip) {
      const wrong =
        slip === undefined ? expression : expression.replace(String(sum.b), String(otherNumber(sum.b, slip)));
      return reply([THOUGHTS.call[language]], call(wrong));
    },
  };
}

/** The calculator has said what it makes of it; the model's turn is to answer. */
function telling(sum: Sum, expression: string, question: Message, language: Language): Rest {
  const value = valueOf(sum);
  const calls: Content = [{ type: "function", function: { name: NAME, arguments: { expression } } }];
  return {
    messages: [
      question,
      { role: "assistant", content: "", tool_calls: calls },
      { role: "tool", content: String(value) },
    ],
    answer: String(value),
    check: { type: "answer", answer: String(value) },
    solution(slip) {
      const said = slip === undefined ? value : otherNumber(value, slip);
      const end = language === "en" ? "." : "。";
      return reply([`${THOUGHTS.told[language]}${language === "en" ? " " : ""}${said}${end}`], ANSWERS[language](said));
    },
  };
}

/** The number with one of its digits changed. */
function otherNumber(n: number, dice: Dice): number {
  const digits = [...String(Math.abs(n))];
  const at = dice.below(digits.length);
  digits[at] = String((Number(digits[at]) + dice.between(1, 9)) % 10);
  return Math.sign(n || 1) * Number(digits.join(""));
}
