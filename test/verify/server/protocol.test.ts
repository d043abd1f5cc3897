import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, MOST, readRequest, verdict } from "../../../src/verify/server/protocol.ts";

/** The sentence of a refusal. */
function said(sent: unknown): string {
  try {
    readRequest(sent);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

const GOOD = { language: "javascript", source: "x", tests: [{ args: [1], expected: 2 }] };

it("a request is read with the limits that were not given filled in", () => {
  const read = readRequest({ ...GOOD, limits: { seconds: 5 } });
  expect(read.limits).toEqual({ ...DEFAULT_LIMITS, seconds: 5 });
  expect(read.tests).toEqual([{ args: [1], expected: 2 }]);
});

describe("what is no request is refused in a sentence", () => {
  it.each([
    [[], "request: expected an object, got a list of 0."],
    [{ ...GOOD, language: "ruby" }, 'language: expected javascript or python, got "ruby".'],
    [{ ...GOOD, source: 1 }, "source: expected a string, got a number."],
    [{ ...GOOD, tests: [] }, "tests: expected a list of at least one, got a list of 0."],
    [{ ...GOOD, tests: [1] }, "tests[0]: expected an object, got a number."],
    [{ ...GOOD, tests: [{}] }, "tests[0]: expected args, or stdin as a string, got nothing."],
    [{ ...GOOD, tests: [{ args: [] }, { stdin: "" }] }, "tests[1].args: expected a list, got nothing."],
    [{ ...GOOD, tests: [{ stdin: "", stdout: 1 }] }, "tests[0].stdout: expected a string, got a number."],
    [{ ...GOOD, entry: "a;b" }, `entry: expected a function's name, or Class.method, got "a;b".`],
    [{ ...GOOD, stopAtFirst: 1 }, "stopAtFirst: expected true or false, got a number."],
    [{ ...GOOD, limits: 1 }, "limits: expected an object, got a number."],
    [
      { ...GOOD, limits: { time: 1 } },
      "limits.time: expected seconds, totalSeconds, memoryBytes, outputBytes, got this name.",
    ],
    [{ ...GOOD, limits: { seconds: -1 } }, "limits.seconds: expected a number above 0, got -1."],
    [{ ...GOOD, limits: { seconds: NaN } }, "limits.seconds: expected a number above 0, got NaN."],
    [{ ...GOOD, limits: { seconds: 61 } }, `limits.seconds: expected at most ${MOST.seconds}, got 61.`],
    [{ ...GOOD, tests: Array(1001).fill({ stdin: "" }) }, "tests: expected at most 1000, got 1001."],
  ])("%#", (sent, sentence) => {
    expect(said(sent)).toBe(sentence);
  });
});

it("a verdict is that of the first test that did not pass", () => {
  const tests = (["passed", "failed", "timeout", "skipped"] as const).map((status) => ({ status, seconds: 0 }));
  expect(verdict(tests, 1)).toMatchObject({ status: "failed", passed: 1 });
  expect(verdict(tests.slice(0, 1), 1)).toMatchObject({ status: "passed", passed: 1 });
});
