import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { benchOf } from "../../src/eval/benches.ts";
import { gradeFile, problemsFor } from "../../src/eval/run.ts";
import { temporaryFolder } from "../support/folder.ts";

const common = { livebench_release_date: "2024-11-25", turns: ["A question."] };
const QUESTIONS = {
  "reasoning/zebra_puzzle": [{ category: "reasoning", task: "zebra_puzzle", ground_truth: "red, 2" }],
  "math/AMPS_Hard": [{ category: "math", task: "AMPS_Hard", ground_truth: "x" }],
  "math/math_comp": [{ category: "math", task: "math_comp", subtask: "aime_i_2024", ground_truth: "033" }],
  "instruction_following/story": [
    {
      category: "instruction_following",
      task: "story_generation",
      instruction_id_list: ["punctuation:no_comma", "startend:quotation"],
      kwargs: [{}, {}],
    },
    { category: "instruction_following", task: "ifbench", livebench_release_date: "2025-11-25" },
  ],
};

/** A folder as LiveBench's own program writes it. */
function folder(): string {
  const root = temporaryFolder();
  let id = 0;
  for (const [path, rows] of Object.entries(QUESTIONS)) {
    const lines = rows.map((row) => JSON.stringify({ ...common, ...row, question_id: `q${id++}` }));
    mkdirSync(join(root, "live_bench", path), { recursive: true });
    writeFileSync(join(root, "live_bench", path, "question.jsonl"), `${lines.join("\n")}\n`);
  }
  return root;
}

it("a folder of questions: those that can be graded are asked, the others counted", async () => {
  const { problems, leftOut } = await problemsFor({ bench: benchOf("livebench"), data: folder() });
  expect(problems.map(({ id, part }) => [id, part])).toEqual([
    ["q3", "story_generation"],
    ["q2", "math_comp"],
    ["q0", "zebra_puzzle"],
  ]);
  expect(leftOut).toEqual({ AMPS_Hard: 1, "instruction following by IFBench": 1 });
});

it("replies are graded by the task's scorer, instructions half for all and half for their share", async () => {
  const data = folder();
  const file = join(data, "recorded.jsonl");
  const replies = { q0: "<solution>red, 3</solution>", q2: "So it is 033.", q3: "No comma but no quotation" };
  writeFileSync(
    file,
    Object.entries(replies)
      .map(([id, reply]) => JSON.stringify({ id, reply }))
      .join("\n"),
  );
  const { headline, parts } = await gradeFile(file, { bench: benchOf("livebench"), data });
  expect(parts.map(({ name, estimate }) => [name, estimate.value])).toEqual([
    ["story_generation", 0.25],
    ["math_comp", 1],
    ["zebra_puzzle", 0.25],
  ]);
  expect(headline).toMatchObject({ name: "mean score", estimate: { value: 0.5 } });
});
