import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { graderOf, testsIn } from "../../src/eval/graders.ts";
import { temporaryFolder } from "../support/folder.ts";

const grade = async (name: string, row: object, reply: string) => (await graderOf(name)).grade({ ...row }, reply);

it("math and choice are the graders of src/verify, given the line", async () => {
  expect(await grade("math", { answer: 204 }, "So \\boxed{204}.")).toMatchObject({ right: true, extracted: "204" });
  expect(await grade("choice", { answer: "B", choices: ["4", "7"] }, '"answer": "B"')).toMatchObject({ right: true });
});

it("LiveCodeBench's tests are in the line, or in a file beside the data", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "livecodebench_v5_tests"));
  writeFileSync(join(folder, "livecodebench_v5_tests/559.json"), '{"inputs": ["1"], "outputs": ["2"]}');
  expect(testsIn({ tests: { inputs: [], outputs: [] } })).toEqual({ inputs: [], outputs: [] });
  expect(testsIn({ tests: { fname: "559.json" }, folder })).toBe('{"inputs": ["1"], "outputs": ["2"]}');
  expect(testsIn({ tests: { fname: "../559.json" }, folder })).toBe('{"inputs": ["1"], "outputs": ["2"]}');
  expect(() => testsIn({ tests: { fname: "1.json" }, folder })).toThrow(
    /^1\.json: expected the problem's tests at .*, got none\. Unpack/,
  );
});

describe("text", () => {
  it("is right where it is one of those that are due, without case and a full stop", async () => {
    expect((await grade("text", { answer: ["Paris", "Paname"] }, " paris. ")).right).toBe(true);
    expect((await grade("text", { answer: "Paris" }, "In \\boxed{Paris}")).right).toBe(true);
    expect((await grade("text", { answer: "Paris" }, "Paris or Rome")).right).toBe(false);
  });
});

it("ifeval is right where all is followed, and counts the rest", async () => {
  const row = {
    prompt: "p",
    instruction_id_list: ["punctuation:no_comma", "change_case:english_lowercase"],
    kwargs: [{}, {}],
  };
  expect(await grade("ifeval", row, "this is all in small letters and has none")).toMatchObject({ right: true });
  expect(await grade("ifeval", row, "This has no comma")).toMatchObject({
    right: false,
    counts: { "prompt, loose": [false], "instruction, strict": [true, false], "instruction, loose": [true, false] },
  });
});

it("a grader that is not there is named with those that are", async () => {
  await expect(graderOf("nonsense")).rejects.toMatchObject({ code: "E_EVAL_GRADER" });
  await expect(graderOf("constructor")).rejects.toMatchObject({ code: "E_EVAL_GRADER" });
});
