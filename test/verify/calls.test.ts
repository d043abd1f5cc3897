import { describe, expect, test } from "vitest";
import { checkCalls, type ExpectedCall, type ToolSchema } from "../../src/verify/calls.ts";

const TOOLS: readonly ToolSchema[] = [
  { name: "calculator", parameters: { properties: { expression: { type: "string" } }, required: ["expression"] } },
  {
    name: "wait",
    parameters: { properties: { seconds: { type: "integer" }, loud: { type: "boolean" }, share: { type: "number" } } },
  },
];
const expected: readonly ExpectedCall[] = [{ name: "calculator", arguments: { expression: "12 * 7" } }];
const call = (json: string) => `<tool_call>\n${json}\n</tool_call>`;
const calculator = (expression: string) => call(`{"name": "calculator", "arguments": {"expression": "${expression}"}}`);
const after = (...calls: string[]) => `I use the calculator.\n</think>\n\n${calls.join("\n")}`;
const judge = (reply: string, calls = expected) => checkCalls(reply, calls, TOOLS);

test.each([["12 * 7"], ["12*7"], ["12 \u00d7 7"]])("%s is the expression that was due", (expression) => {
  expect(judge(after(calculator(expression)))).toMatchObject({ right: true });
});

test("two calls may come in any order, and words may stand around them", () => {
  const two = [...expected, { name: "wait", arguments: { seconds: 3, loud: true } }];
  const wait = call('{"name": "wait", "arguments": {"loud": true, "seconds": 3}}');
  expect(judge(after(calculator("12*7"), wait), two).right).toBe(true);
  expect(judge(after("First this:", wait, "Then:", calculator("12*7")), two).right).toBe(true);
});

test.each([
  [after(calculator("12 * 8")), "wrong", "The call of calculator that was due is not there."],
  [after("The answer is 84."), "none", "No tool is called."],
  [`${calculator("12*7")}\n</think>\n\nDone.`, "none", "No tool is called."],
  [calculator("12*7"), "unfinished", "The thoughts never end."],
  [after(calculator("12*7"), calculator("12*7")), "several", "1 calls more than were due."],
  [after(call('{"name": "calculator"')), "malformed", "A call could not be read: "],
  [after(call("12*7")), "malformed", "A call could not be read: "],
  [after(call('{"name": "calculator", "arguments": "12*7"}')), "malformed", "A call could not be read: "],
  [after(call('{"name": "shell", "arguments": {}}')), "malformed", 'There is no tool "shell".'],
  [after(call('{"name": "calculator", "arguments": {}}')), "malformed", 'calculator is called without "expression".'],
  [
    after(call('{"name": "calculator", "arguments": {"expression": 84}}')),
    "malformed",
    'calculator takes "expression" as string.',
  ],
  [
    after(call('{"name": "calculator", "arguments": {"expression": "12*7", "x": 1}}')),
    "malformed",
    'calculator takes no "x".',
  ],
  [after(call('{"name": "wait", "arguments": {"seconds": 1.5}}')), "malformed", 'wait takes "seconds" as integer.'],
  [after(call('{"name": "wait", "arguments": {"loud": 1}}')), "malformed", 'wait takes "loud" as boolean.'],
  [after(call('{"name": "wait", "arguments": {"share": "0.5"}}')), "malformed", 'wait takes "share" as number.'],
  [
    after(call('{"name": "calculator", "arguments": {"constructor": "x", "expression": "12*7"}}')),
    "malformed",
    'calculator takes no "constructor".',
  ],
])("%j: %s", (reply, reason, detail) => {
  const verdict = judge(reply);
  expect(verdict.reason).toBe(reason);
  expect(verdict.detail.startsWith(detail), verdict.detail).toBe(true);
});

describe("where no call is due", () => {
  test("none is right, and one is not", () => {
    expect(judge(after("Hello."), []).right).toBe(true);
    expect(judge(after(calculator("1+1")), []).reason).toBe("several");
  });
});
