/** LiveCodeBench's files of tests, read: inputs and outputs as text, and the function's name where one is called. */
import { FormatError, QwqError } from "../../errors.ts";
import type { CallTest, InputTest, Json } from "../server/protocol.ts";

/** The tests of one problem. */
export type CodeTests =
  | { readonly kind: "input"; readonly tests: readonly InputTest[] }
  /** `entry`: a function, or a method of the class Solution. */
  | { readonly kind: "call"; readonly entry: string; readonly tests: readonly CallTest[] };

/**
 * Tests from a file as the benchmark's authors publish them: {"inputs": [...], "outputs": [...], "fn_name"?}, or the same
 * as a string under "input_output". A call's arguments stand on lines of their own, each as JSON.
 *
 * throws   FormatError E_VERIFY_TESTS
 */
export function readTests(value: unknown, path = "tests"): CodeTests {
  const sheet = unpacked(value, path);
  const { inputs, outputs, fn_name: name } = sheet;
  if (!areTexts(inputs) || !areTexts(outputs) || inputs.length !== outputs.length || inputs.length === 0) {
    throw wrong(path, '"inputs" and "outputs", lists of as many texts');
  }
  if (name === undefined || name === null) {
    return { kind: "input", tests: inputs.map((stdin, i) => ({ stdin, stdout: outputs[i]! })) };
  }
  if (typeof name !== "string") throw wrong(path, '"fn_name", a text or null');
  const tests = inputs.map((input, i) => ({
    args: input.split("\n").map((line) => parsed(line, path)),
    expected: parsed(outputs[i]!, path),
  }));
  return { kind: "call", entry: name, tests };
}

function unpacked(value: unknown, path: string): Record<string, unknown> {
  const record = typeof value === "string" ? parsed(value, path) : value;
  if (typeof record !== "object" || record === null || Array.isArray(record)) throw wrong(path, "an object");
  const inner = (record as Record<string, unknown>)["input_output"];
  return inner === undefined ? (record as Record<string, unknown>) : unpacked(inner, path);
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function parsed(text: string, path: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new FormatError("E_VERIFY_TESTS", path, { path, expected: "JSON", actual: text.slice(0, 60), cause });
  }
}

function wrong(path: string, expected: string): QwqError {
  const hint = "The tests themselves are needed, as LiveCodeBench publishes them; not the name of their file.";
  return new FormatError("E_VERIFY_TESTS", path, { path, expected, actual: "something else", hint });
}
