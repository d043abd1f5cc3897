import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { problemText } from "../../src/notebook/problem.ts";
import { runNotebook } from "../../src/notebook/run.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "notebook-"))));
afterAll(() => rmSync(folder, { recursive: true }));

async function problems(name: string, text: string): Promise<string[]> {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, text);
  const ran = await runNotebook(path, { limit: 10_000 });
  return ran.problems.map((problem) => problemText({ ...problem, path: name }));
}

const EXERCISE = (start: string, answer: string) => `// %% tags=["exercise"]
const a: number | undefined = ${start};

// %%
console.log(a === 4 ? "Right." : "Not yet.");

// %% [markdown]
// \`\`\`ts
// ${answer}
// \`\`\`
`;

it.concurrent("a fault is named with its cell and its line in the file", async () => {
  expect(await problems("throws", "// %% [markdown]\n// Text\n\n// %%\n1;\nnull.x;\n")).toEqual([
    "throws:6: cell 2: TypeError: Cannot read properties of null (reading 'x')",
  ]);
});

it.concurrent("a cell that must throw, and does; and one that does not", async () => {
  const cell = '// %% tags=["raises-exception"]\n';
  expect(await problems("must", `${cell}throw new Error("as said");\n`)).toEqual([]);
  expect(await problems("exits", `${cell}process.exit(0);\n`)).toHaveLength(1);
  expect(await problems("tame", `${cell}1;\n`)).toEqual([
    "tame:2: cell 1: has the tag raises-exception and threw nothing",
  ]);
});

it.concurrent("an exercise is wrong as it stands and right with its answer, or it is a fault", async () => {
  expect(await problems("good", EXERCISE("undefined", "const a = 4;"))).toEqual([]);
  expect(await problems("solved", EXERCISE("4", "const a = 4;"))).toEqual([
    "solved:2: cell 1: the exercise is right as it stands",
  ]);
  expect(await problems("wrong", EXERCISE("undefined", "const a = 5;"))).toEqual([
    "wrong:2: cell 1: the answer is not right: Not yet.",
  ]);
  expect(await problems("broken", EXERCISE("undefined", "const a = b;"))).toEqual([
    "broken:2: cell 1: the answer fails: ReferenceError: b is not defined",
  ]);
  await expect(problems("none", '// %% tags=["exercise"]\n1;\n')).rejects.toThrow(/expected a cell that judges/);
});
