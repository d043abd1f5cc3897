import { expect, test } from "vitest";
import { parseReply } from "../../../src/text/reply.ts";
import { distinct } from "../../../src/training/tasks/problems.ts";
import { checkText } from "../../../src/verify/check.ts";
import { CALCULATOR } from "../../../src/training/tasks/tools.ts";

const drawn = distinct("tool", "train", 1, 500);

const sums = drawn.filter(({ check }) => check.type !== "rules");

test("two of five ask for the call, two have its result, one needs none", () => {
  const count = (type: string) => drawn.filter(({ check }) => check.type === type).length;
  const deviation = (share: number) => 6 * Math.sqrt(drawn.length * share * (1 - share)); // six standard deviations
  expect(Math.abs(count("calls") - 200)).toBeLessThan(deviation(0.4));
  expect(Math.abs(count("answer") - 200)).toBeLessThan(deviation(0.4));
  expect(Math.abs(count("rules") - 100)).toBeLessThan(deviation(0.2));
  for (const { check, solution, tools } of drawn) {
    expect(tools).toEqual([CALCULATOR]);
    const { toolCalls, answer } = parseReply(solution(), { opened: true, toolCalls: true });
    expect(toolCalls.length).toBe(check.type === "calls" ? 1 : 0);
    expect(answer === "").toBe(check.type === "calls");
  }
});

test("a call where none is needed is wrong", () => {
  const call = '7\n</think>\n\n<tool_call>\n{"name": "calculator", "arguments": {"expression": "1 + 1"}}\n</tool_call>';
  const idle = drawn.filter(({ check }) => check.type === "rules");
  for (const { check } of idle) if (check.type !== "program") expect(checkText(call, check).reason).toBe("broken");
});

test("the expression that is called comes to the sum that was asked", () => {
  for (const { messages, check } of sums) {
    const question = messages[0]!.content as string;
    const sum = /\d+ [-+*×] \d+/.exec(question)![0].replace("×", "*");
    if (check.type === "calls") expect(check.calls[0]!.arguments["expression"]).toBe(sum);
    if (check.type === "answer") expect(Number(check.answer)).toBe(Function(`return ${sum}`)());
  }
});

test("the result is what the tool said, and the answer says it", () => {
  for (const { messages, answer, solution } of sums) {
    if (messages.length === 1) continue;
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(messages[2]!.content).toBe(answer);
    expect(
      solution()
        .split("</think>")
        .every((part) => part.includes(answer)),
    ).toBe(true);
  }
});
