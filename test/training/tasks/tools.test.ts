import { expect, test } from "vitest";
import { parseReply } from "../../../src/text/reply.ts";
import { distinct } from "../../../src/training/tasks/problems.ts";
import { CALCULATOR } from "../../../src/training/tasks/tools.ts";

const drawn = distinct("tool", "train", 1, 500);

test("half ask for the call, half have its result", () => {
  const asking = drawn.filter(({ messages }) => messages.length === 1);
  expect(Math.abs(asking.length - 250)).toBeLessThan(70); // six standard deviations
  for (const { check, solution, tools } of drawn) {
    expect(tools).toEqual([CALCULATOR]);
    const { toolCalls, answer } = parseReply(solution(), { opened: true, toolCalls: true });
    expect(toolCalls.length).toBe(check.type === "calls" ? 1 : 0);
    expect(answer === "").toBe(check.type === "calls");
  }
});

test("the expression that is called comes to the sum that was asked", () => {
  for (const { messages, check } of drawn) {
    const question = messages[0]!.content as string;
    const sum = /\d+ [-+*×] \d+/.exec(question)![0].replace("×", "*");
    if (check.type === "calls") expect(check.calls[0]!.arguments["expression"]).toBe(sum);
    if (check.type === "answer") expect(Number(check.answer)).toBe(Function(`return ${sum}`)());
  }
});

test("the result is what the tool said, and the answer says it", () => {
  for (const { messages, answer, solution } of drawn) {
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
