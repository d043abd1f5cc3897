import { expect, test } from "vitest";
import { INSTRUCTIONS, readInstruction } from "../../../src/verify/ifeval/arguments.ts";
import { checkInstructions, follows } from "../../../src/verify/ifeval/check.ts";
import { ifevalScores, readIfevalTask } from "../../../src/verify/ifeval/task.ts";

/** A type, its arguments, a text that follows it and one that does not. */
const CASES: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ["keywords:existence", { keywords: ["cat", "dog"] }, "DOGS and cats", "a cat"],
  ["keywords:frequency", { keyword: "a", frequency: 2, relation: "at least" }, "banana", "b"],
  ["keywords:forbidden_words", { forbidden_words: ["can"] }, "canal", "I CAN."],
  ["keywords:letter_frequency", { letter: "#", let_frequency: 2, let_relation: "less than" }, "# a", "##"],
  ["language:response_language", { language: "de" }, "Der Hund schläft unter dem Tisch.", "The dog sleeps here."],
  ["length_constraints:number_sentences", { num_sentences: 2, relation: "less than" }, "Dr. No came.", "No. Yes."],
  ["length_constraints:number_paragraphs", { num_paragraphs: 2 }, "a\n***\nb\n***", "a\n***\n***\nb"],
  ["length_constraints:number_words", { num_words: 3, relation: "at least" }, "I don't", "two words"],
  [
    "length_constraints:nth_paragraph_first_word",
    { num_paragraphs: 2, nth_paragraph: 2, first_word: "So" },
    'a\n\n"so", b',
    "a\n\nb\n\nso",
  ],
  ["detectable_content:number_placeholders", { num_placeholders: 2 }, "[a] [b]", "[a\nb]"],
  ["detectable_content:postscript", { postscript_marker: "P.P.S" }, "a p. p. s b", "P.S. b"],
  ["detectable_format:number_bullet_lists", { num_bullets: 2 }, "* a\n- b", "* a"],
  ["detectable_format:constrained_response", {}, "Well: My answer is no.", "my answer is no."],
  ["detectable_format:number_highlighted_sections", { num_highlights: 2 }, "*a* **b**", "**a**"],
  ["detectable_format:multiple_sections", { section_spliter: "Day", num_sections: 2 }, "Day 1 a Day2", "Day 1 day 2"],
  ["detectable_format:json_format", {}, '```json\n{"a": NaN}\n```', "{'a': 1}"],
  ["detectable_format:title", {}, "<<a>>", "<a>"],
  ["combination:two_responses", {}, "a ****** b", "a ****** a"],
  ["combination:repeat_prompt", { prompt_to_repeat: "Say Hi" }, " say hi\nhi", "hi"],
  ["startend:end_checker", { end_phrase: "The end." }, 'so THE END."', "The end. x"],
  ["startend:quotation", {}, ' "a" ', '"'],
  ["change_case:capital_word_frequency", { capital_frequency: 2, capital_relation: "at least" }, "I AM", "Am I"],
  ["change_case:english_capital", {}, "THE DOG SLEEPS UNDER THE TABLE", "THE DOG sleeps"],
  ["change_case:english_lowercase", {}, "the dog sleeps under the table", "der hund schläft unter dem tisch"],
  ["punctuation:no_comma", {}, "a\uff0cb", "a, b"],
];

test("each of the 25 types is followed and broken", () => {
  expect(CASES.map(([id]) => id).sort()).toEqual([...INSTRUCTIONS].sort());
  for (const [id, kwargs, kept, broken] of CASES) {
    const instruction = readInstruction(id, { ...kwargs, other: null });
    expect(follows(kept, instruction), `${id}: ${kept}`).toBe(true);
    expect(follows(broken, instruction), `${id}: ${broken}`).toBe(false);
    expect(follows(" \n", instruction), `${id}: nothing`).toBe(false);
  }
});

test("the loose reading forgives a first line, a last one and stars", () => {
  const lower = [readInstruction("startend:quotation", {}), readInstruction("punctuation:no_comma", {})];
  expect(checkInstructions('Sure, here:\n**"a"**\nBye!', lower)).toEqual({
    strict: [false, false],
    loose: [true, true],
  });
  expect(checkInstructions("", lower)).toEqual({ strict: [false, false], loose: [false, false] });
});

test("figures are of prompts and of instructions", () => {
  const replies = [
    { strict: [true, false], loose: [true, true] },
    { strict: [true], loose: [true] },
  ];
  expect(ifevalScores(replies)).toEqual({
    promptStrict: 0.5,
    instructionStrict: 2 / 3,
    promptLoose: 1,
    instructionLoose: 1,
  });
  expect(() => ifevalScores([])).toThrow("scores of ifeval: expected at least one reply, got none.");
});

test("tasks that cannot be graded are refused, with what is wrong", () => {
  const task = (id: string, kwargs: unknown) => () =>
    readIfevalTask({ prompt: "p", instruction_id_list: [id], kwargs: [kwargs] });
  expect(task("keywords:all", {})).toThrow(
    'instruction_id_list: expected one of IFEval\'s 25 instructions, got "keywords:all".',
  );
  expect(task("keywords:existence", { keywords: null })).toThrow(
    "keywords:existence: keywords: expected an array of texts, got null.",
  );
  expect(task("length_constraints:number_words", { num_words: 3, relation: "at most" })).toThrow(
    'number_words: relation: expected "less than" or "at least", got "at most".',
  );
  expect(task("keywords:existence", { keywords: ["(?<=a)b"] })).toThrow(/^pattern "\(\?<=a\)b"/);
  expect(() => readIfevalTask({ prompt: "p", instruction_id_list: ["a"], kwargs: [] })).toThrow(
    /^task of ifeval: expected/,
  );
});
