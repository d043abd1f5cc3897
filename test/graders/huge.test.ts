/** Replies of 10 MB, made to take time: every grader gives a verdict, within a limit. */
import { afterAll, describe, expect, it } from "vitest";
import { countFlaws } from "../../src/eval/flaws.ts";
import type { RowGrader } from "../../src/eval/grader.ts";
import { graderOf } from "../../src/eval/graders.ts";
import { score } from "../../src/verify/grader.ts";
import { LIVEBENCH, LIVEBENCH_TASKS } from "../../src/verify/livebench/grader.ts";

const BIG = 10 * 2 ** 20;
const times = (part: string) => part.repeat(Math.floor(BIG / part.length));

const REPLIES: readonly (readonly [name: string, reply: string])[] = [
  ["one letter", times("a")],
  ["digits", times("7")],
  ["boxes in boxes", times("\\boxed{")],
  ["fractions in fractions", `\\boxed{${times("\\frac{1}{")}`],
  ["brackets", times("[")],
  ["calls", `[${times("f(a=1), ")}]`],
  ["JSON", `<tool_call>\n{"name": "f", "arguments": {"a": [${times("1, ")}1]}}\n</tool_call>`],
  ["sentences", times("It rains. ")],
  ["commas and capitals", times("A, B. C! ")],
  ["stars", times("*")],
  ["tags that never close", times("<solution>")],
  ["answers", times("answer is (")],
  ["fences", times("```\n")],
  ["lines", times("\n")],
  ["Chinese", times("答案是四十二。")],
  ["half of a surrogate pair", times("\ud83d")],
];

const BFCL = {
  id: "simple_python_0",
  question: [[{ role: "user", content: "?" }]],
  function: [
    {
      name: "f",
      description: "",
      parameters: { type: "dict", properties: { a: { type: "integer", description: "" } }, required: ["a"] },
    },
  ],
  ground_truth: [{ f: { a: [1] } }],
};

const INSTRUCTIONS = {
  prompt: "p",
  instruction_id_list: [
    "length_constraints:number_sentences",
    "length_constraints:number_words",
    "keywords:existence",
    "detectable_format:json_format",
    "detectable_format:number_bullet_lists",
    "startend:quotation",
  ],
  kwargs: [
    { num_sentences: 5, relation: "at least" },
    { num_words: 5, relation: "at least" },
    { keywords: ["(a+)+$", "x"] },
    {},
    { num_bullets: 2 },
    {},
  ],
};

const TASKS: readonly (readonly [grader: string, row: object, seconds: number])[] = [
  ["math", { answer: "\\frac{1}{2}" }, 20],
  ["choice", { answer: "B", choices: ["a", "aa", "7", "It rains"] }, 20],
  ["text", { answer: "Paris" }, 20],
  ["ifeval", INSTRUCTIONS, 60],
  ["bfcl", BFCL, 20],
];

describe.each(TASKS)("%s", (name, row, seconds) => {
  let grader: RowGrader | undefined;
  afterAll(() => grader?.close());

  // The limit is of a busy machine; what it took on a quiet one stands in docs/graders.md.
  it.each(REPLIES)(`%s: a verdict within ${seconds} s`, async (_, reply) => {
    grader ??= await graderOf(name);
    const began = performance.now();
    const grade = await grader.grade({ ...row }, reply);
    const took = (performance.now() - began) / 1000;
    if (process.env["TIMES"]) console.log(`TIME ${name} ${_} ${took.toFixed(2)}`);
    expect([0, 1]).toContain(score(grade));
    expect(took).toBeLessThan(seconds);
  });
});

// Of 10 MB LiveBench's scorers read nothing; of these 3.9 all of it.
describe("livebench", () => {
  it.each(REPLIES)("%s: a score in every task within 60 s", async (_, reply) => {
    const began = performance.now();
    for (const task of LIVEBENCH_TASKS) {
      const truth = { logic_with_navigation: [1, 2], consecutive_events: [], imo: "1,2", usamo: "2,1" }[task] ?? "B";
      for (const text of [reply, reply.slice(-3_900_000)]) {
        const value = score(await LIVEBENCH.grade({ task, ground_truth: truth, turns: ["?"] }, text));
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    }
    const took = (performance.now() - began) / 1000;
    if (process.env["TIMES"]) console.log(`TIME livebench ${_} ${took.toFixed(2)}`);
    expect(took).toBeLessThan(60);
  });
});

it.each(REPLIES)("flaws, %s: looked for within 60 s", (_, reply) => {
  const began = performance.now();
  const problem = { id: "p", messages: [{ role: "user", content: "?" }], grader: "math", row: {} };
  const sample = { problem: "p", sample: 0, seed: 0, thinking: reply, answer: reply, reason: "stop", seconds: 1 };
  expect(countFlaws([problem], [sample])).toBeTypeOf("object");
  const took = (performance.now() - began) / 1000;
  if (process.env["TIMES"]) console.log(`TIME flaws ${_} ${took.toFixed(2)}`);
  expect(took).toBeLessThan(60);
});
