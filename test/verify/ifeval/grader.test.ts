import { expect, test } from "vitest";
import { INSTRUCTIONS } from "../../../src/verify/ifeval/arguments.ts";
import { IFEVAL } from "../../../src/verify/ifeval/grader.ts";
import { readIfevalTask } from "../../../src/verify/ifeval/task.ts";

const task = readIfevalTask({
  prompt: "p",
  instruction_id_list: ["punctuation:no_comma", "startend:quotation"],
  kwargs: [{}, {}],
});

test("a reply is right where it follows everything, strictly; the reason names what it does not", async () => {
  expect(await IFEVAL.grade(task, '"a"')).toMatchObject({ right: true, reason: "Every instruction is followed." });
  expect(await IFEVAL.grade(task, '*"a, b"*')).toMatchObject({
    right: false,
    reason: "Not followed: punctuation:no_comma, startend:quotation.",
    strict: [false, false],
    loose: [false, true],
  });
  await IFEVAL.close();
});

test("all types together end on a long reply without a space", async () => {
  const kwargs = {
    ...{ keywords: ["cat"], keyword: "cat", frequency: 3, relation: "at least", forbidden_words: ["cat"], letter: "a" },
    ...{
      let_frequency: 3,
      let_relation: "at least",
      language: "de",
      num_sentences: 3,
      num_paragraphs: 3,
      num_words: 3,
    },
    ...{ nth_paragraph: 1, first_word: "cat", num_placeholders: 3, postscript_marker: "P.S.", num_bullets: 3 },
    ...{ num_highlights: 3, section_spliter: "Day", num_sections: 3, prompt_to_repeat: "cat", end_phrase: "cat" },
    ...{ capital_frequency: 3, capital_relation: "at least" },
  };
  const all = readIfevalTask({
    prompt: "p",
    instruction_id_list: INSTRUCTIONS,
    kwargs: INSTRUCTIONS.map(() => kwargs),
  });
  const grade = await IFEVAL.grade(all, "a.b!".repeat(20_000));
  expect(grade.right).toBe(false);
});
