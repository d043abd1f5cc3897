import { expect, test } from "vitest";
import { bfclGrader } from "../../../src/verify/bfcl/grader.ts";
import { readBfclTask } from "../../../src/verify/bfcl/task.ts";

const functions = '[{"name": "a.f", "parameters": {"properties": {"n": {"type": "integer"}}, "required": ["n"]}}]';
const task = readBfclTask(
  `{"id": "simple_python_3", "function": ${functions}}`,
  '{"id": "simple_python_3", "ground_truth": [{"a.f": {"n": [5]}}]}',
);
const call = (name: string) => `<tool_call>\n{"name": "${name}", "arguments": {"n": 5}}\n</tool_call>`;

test("a reply is right where its calls are", async () => {
  const grader = bfclGrader();
  expect(await grader.grade(task, call("a.f"))).toEqual({
    right: true,
    extracted: "{'a.f': {'n': 5}}",
    reason: "The calls are right.",
  });
  expect(await grader.grade(task, "[a.f(n=5)]")).toMatchObject({
    right: false,
    reason: "Not right: simple_function_checker:wrong_count.",
  });
  expect(await bfclGrader({ style: "python" }).grade(task, "[a.f(n=5)]")).toMatchObject({ right: true });
  expect(await bfclGrader({ style: "python" }).grade(task, "No.")).toMatchObject({ right: false, extracted: "" });
  expect(await bfclGrader({ underscores: true }).grade(task, call("a_f"))).toMatchObject({ right: true });
  await grader.close();
});

test("irrelevance is right without a call, relevance with one", async () => {
  const [none, some] = ["irrelevance_7", "live_relevance_3-3-0"].map((id) =>
    readBfclTask(`{"id": "${id}", "function": ${functions}}`),
  );
  const grader = bfclGrader();
  expect((await grader.grade(none!, "I cannot.")).right).toBe(true);
  expect((await grader.grade(none!, call("x"))).right).toBe(false);
  expect((await grader.grade(some!, "I cannot.")).right).toBe(false);
  expect((await grader.grade(some!, call("x"))).right).toBe(true);
});

test("tasks of another form are refused, with what is wrong", () => {
  expect(() => readBfclTask('{"id": "multi_turn_base_1"}')).toThrow(/^bfcl: id: expected one of simple_python/);
  expect(() => readBfclTask(`{"id": "multiple_1", "function": ${functions}}`)).toThrow(
    "bfcl: ground_truth: expected a value, got none.",
  );
  expect(() => readBfclTask("x")).toThrow("bfcl: line: expected JSON, got x.");
  expect(() => readBfclTask('{"id": "parallel_1", "function": 1, "ground_truth": []}')).toThrow(/at least one call/);
});

test("a long reply and one made to hang end in a verdict", async () => {
  for (const reply of [
    "<tool_call>\n".repeat(200_000),
    "[".repeat(1_000_000),
    `[f(a=${"(".repeat(500_000)}`,
    `[f(a="${"x".repeat(1_000_000)}")]`,
  ]) {
    for (const style of ["tools", "python"] as const)
      expect((await bfclGrader({ style }).grade(task, reply)).right).toBe(false);
  }
});
