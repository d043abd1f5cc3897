/** Tasks that the model was not made for, to say how it fails. */
import { calculator } from "../../src/agent/tools/calculator.ts";
import type { Tool } from "../../src/agent/tool.ts";
import type { Dice } from "../../src/training/tasks/dice.ts";
import { type Conversation, says } from "./conversations.ts";

interface Task {
  readonly question: string;
  readonly tools: readonly Tool[];
  right(conversation: Conversation): boolean;
}

const sum = (question: string, value: number): Task => ({
  question,
  tools: [calculator()],
  right: ({ answer }) => says(answer, `${value}`),
});

const TOWNS = ["Oslo", "Rome", "Paris", "Beijing", "Cairo", "Lima"];

const weather: Tool = {
  name: "weather",
  description: "Says how the weather is.",
  parameters: { type: "object", properties: { town: { type: "string" } }, required: ["town"] },
  run: () => "It rains.",
};

/** By what is strange about them. */
export const OUTSIDE: Readonly<Record<string, (dice: Dice) => Task>> = {
  "two sums in one question": (dice) => {
    const [a, b, c, d] = [dice.between(100, 999), dice.between(100, 999), dice.between(10, 99), dice.between(10, 99)];
    const right = ({ answer }: Conversation) => answer.includes(`${a + b}`) && answer.includes(`${c * d}`);
    return { ...sum(`What is ${a} + ${b}, and what is ${c} * ${d}?`, 0), right };
  },
  "a story": (dice) => {
    const [a, b] = [dice.between(100, 999), dice.between(100, 999)];
    return sum(`Anna has ${a} apples and buys ${b} more. How many does she have?`, a + b);
  },
  "a function: the square root": (dice) => {
    const a = dice.between(11, 99);
    return sum(`What is the square root of ${a * a}?`, a);
  },
  "per cent": (dice) => {
    const [a, b] = [dice.between(1, 9) * 10, dice.between(1, 99) * 100];
    return sum(`What is ${a} % of ${b}?`, (a * b) / 100);
  },
  "numbers with commas": (dice) => {
    const [a, b] = [dice.between(10_000, 99_999), dice.between(100, 999)];
    return sum(`What is ${a.toLocaleString("en-US")} * ${b}?`, a * b);
  },
  "another language": (dice) => {
    const [a, b] = [dice.between(100, 999), dice.between(100, 999)];
    return sum(`Wie viel ist ${a} + ${b}?`, a + b);
  },
  "another tool": (dice) => {
    const town = dice.pick(TOWNS);
    const right = ({ calls }: Conversation) =>
      calls.some(({ name, given, outcome }) => name === "weather" && outcome === "done" && given["town"] === town);
    return { question: `How is the weather in ${town}?`, tools: [weather], right };
  },
};
