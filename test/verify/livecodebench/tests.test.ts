import { expect, it } from "vitest";
import { readTests } from "../../../src/verify/livecodebench/tests.ts";

it("programs that read input", () => {
  const sheet = { inputs: ["1 2\n", "3"], outputs: ["3\n", "3"] };
  const tests = [
    { stdin: "1 2\n", stdout: "3\n" },
    { stdin: "3", stdout: "3" },
  ];
  expect(readTests(sheet)).toEqual({ kind: "input", tests });
  expect(readTests({ input_output: JSON.stringify({ ...sheet, fn_name: null }) })).toEqual({ kind: "input", tests });
});

it("functions, with an argument a line", () => {
  const sheet = { inputs: ['[1, 2]\n"ab"'], outputs: ["true"], fn_name: "f" };
  expect(readTests(JSON.stringify(sheet))).toEqual({
    kind: "call",
    entry: "f",
    tests: [{ args: [[1, 2], "ab"], expected: true }],
  });
});

it.each([
  ["{", "tests.json: expected JSON"],
  [[], "tests.json: expected an object"],
  [{ inputs: ["1"], outputs: [] }, 'tests.json: expected "inputs" and "outputs", lists of as many texts'],
  [{ inputs: [], outputs: [] }, 'tests.json: expected "inputs" and "outputs"'],
  [{ inputs: ["1"], outputs: ["1"], fn_name: 5 }, 'tests.json: expected "fn_name", a text or null'],
  [{ inputs: ["x"], outputs: ["1"], fn_name: "f" }, "tests.json: expected JSON, got x"],
])("%j is refused", (value, message) => {
  expect(() => readTests(value, "tests.json")).toThrow(message);
});
