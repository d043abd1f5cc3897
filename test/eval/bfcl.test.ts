import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { benchOf } from "../../src/eval/benches.ts";
import { problemsOf, readData } from "../../src/eval/data.ts";
import { graderOf } from "../../src/eval/graders.ts";
import { temporaryFolder } from "../support/folder.ts";

const question = `{"id": "simple_java_1", "question": [[{"role": "user", "content": "Five."}]], "function": [{"name": "A.f", "description": "d", "parameters": {"type": "dict", "properties": {"n": {"type": "double", "description": "a number"}}, "required": ["n"]}}]}`;
const answer = '{"id": "simple_java_1", "ground_truth": [{"A.f": {"n": [5.0]}}]}';

test("BFCL's folder is read, questions with their answers, functions as tools; calls are graded", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "possible_answer"));
  writeFileSync(join(folder, "BFCL_v4_simple_java.json"), `${question}\n`);
  writeFileSync(join(folder, "possible_answer/BFCL_v4_simple_java.json"), `${answer}\n`);
  const bench = benchOf("bfcl");
  const { lines, from } = await readData(bench, folder);
  const [problem] = problemsOf(bench, lines, from);
  expect(problem).toMatchObject({
    id: "simple_java_1",
    part: "simple_java",
    messages: [{ role: "user", content: "Five." }],
  });
  expect(problem!.tools).toEqual([
    {
      type: "function",
      function: {
        name: "A.f",
        description: "d",
        parameters: {
          type: "object",
          required: ["n"],
          properties: {
            n: { type: "string", description: "a number This is Java double type parameter in string representation." },
          },
        },
      },
    },
  ]);
  const grader = await graderOf("bfcl");
  const call = (n: string) => `<tool_call>{"name": "A.f", "arguments": {"n": ${n}}}</tool_call>`;
  expect((await grader.grade(problem!.row, call('"5.0"'))).right).toBe(true);
  expect((await grader.grade(problem!.row, call("5.0"))).right).toBe(false);
  await grader.close();
});
