/** GPQA as lm-eval has it: its choices in the same order, and in its replies what its two filters find. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { benchOf } from "../../src/eval/benches.ts";
import { problemsOf, readData } from "../../src/eval/data.ts";
import { flexibleMatch, strictMatch } from "../../src/verify/lm-eval-choice.ts";
import { ChoiceGrader } from "../../src/verify/multiple-choice.ts";

interface Golden {
  readonly rows: readonly { readonly choices: readonly string[]; readonly answer: string }[];
  readonly cases: readonly (readonly [row: number, reply: string, strict: 0 | 1, flexible: 0 | 1])[];
}

const folder = join(import.meta.dirname, "../../golden/graders");
const { rows, cases } = JSON.parse(readFileSync(join(folder, "gpqa.json"), "utf8")) as Golden;

test("a table in GPQA's form is read, and its choices stand in the order in which lm-eval shuffles them", async () => {
  const bench = benchOf("gpqa");
  const { lines, from } = await readData(bench, join(folder, "gpqa.csv"));
  const problems = problemsOf(bench, lines, from);
  expect(problems.map(({ row }) => ({ choices: row["choices"], answer: row["answer"] }))).toEqual(rows);
  expect(problems[3]).toMatchObject({ id: "rec003", grader: "choice" });
  expect(problems[0]!.messages[0]!.content).toMatch(/^Question 0, of several\nlines: which is "right"\?\n\nA\) /);
});

test("lm-eval's two filters find the same, in every reply", () => {
  expect(cases.length).toBeGreaterThan(1500);
  const other = cases.filter(([row, reply, strict, flexible]) => {
    const { choices, answer } = rows[row]!;
    return strictMatch(reply, answer) !== (strict === 1) || flexibleMatch(reply, answer, choices) !== (flexible === 1);
  });
  expect(other).toEqual([]);
  for (const verdict of [2, 3] as const) {
    const right = cases.filter((one) => one[verdict] === 1).length;
    expect(right).toBeGreaterThan(100);
    expect(right).toBeLessThan(cases.length - 100);
  }
});

// strict-match sees what its prompts show; where it finds the right choice, so does the grader that scores.
test("what strict-match takes for right is right by our grader", async () => {
  const grader = new ChoiceGrader();
  const others: string[] = [];
  for (const [row, reply, strict] of cases) {
    const { choices, answer } = rows[row]!;
    if (strict === 1 && (await grader.grade({ choices, answer }, reply)).right !== true) others.push(reply);
  }
  expect(others).toEqual([]);
});
