import { describe, expect, it } from "vitest";
import { graderOf } from "../../src/eval/graders.ts";

const grade = async (name: string, row: object, reply: string) => (await graderOf(name)).grade({ ...row }, reply);

describe("choice", () => {
  it.each([
    ['"answer": "C"', "C"],
    ['First "answer": "A", no: `"answer": "B"`', "B"],
    ["So \\boxed{\\text{D}}", "D"],
    ["The answer is **B**.", "B"],
    ["The answer is (C) because A is wrong", "C"],
    ["B", "B"],
    ["I do not know.", ""],
    ["", ""],
  ])("%j names %j", async (reply, extracted) => {
    expect((await grade("choice", { answer: "C" }, reply)).extracted).toBe(extracted);
    expect((await grade("choice", { answer: extracted }, reply)).right).toBe(extracted !== "");
  });
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
