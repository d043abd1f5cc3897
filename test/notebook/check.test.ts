import { join } from "node:path";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { stale } from "../../src/notebook/check.ts";
import { toIpynb } from "../../src/notebook/ipynb.ts";
import type { Output } from "../../src/notebook/messages.ts";
import type { Ran } from "../../src/notebook/run.ts";
import { parseSource } from "../../src/notebook/source.ts";
import { typeProblems } from "../../src/notebook/types.ts";

/** Little for the compiler to read. */
const SMALL = JSON.stringify({ compilerOptions: { lib: ["es2023"], types: [], strict: true } });

const SOURCE = '// %% [markdown]\n// Text\n\n// %%\nf();\n\n// %% tags=["volatile"]\nnow();\n';
const printed = (text: string): Output => ({ type: "stream", name: "stdout", text });

function ran(source: string, ...texts: string[]): Ran {
  const cells = parseSource(source, "n.ts");
  return { path: "n.ts", cells, outputs: texts.map((text) => [printed(text)]), problems: [], seconds: 0 };
}

const built = (of: Ran) => toIpynb(of.cells, of.outputs);
const texts = (of: Ran, there: string | undefined) =>
  stale(of, there).map(({ cell, line, text }) => [cell, line, text]);

it("the same outputs are not stale; another names its cell and the first line that differs", () => {
  const old = ran(SOURCE, "1\n2\n3\n", "10:15");
  expect(texts(old, built(old))).toEqual([]);
  expect(texts(ran(SOURCE, "1\n7\n3\n", "10:16"), built(old))).toEqual([[2, 5, 'stale output: built "2", now "7"']]);
  expect(texts(ran(SOURCE, "1\n2\n", "x"), built(old))).toEqual([[2, 5, 'stale output: built "3", now nothing']]);
});

it("another text, another number of cells, and no notebook at all", () => {
  const old = ran(SOURCE, "1", "2");
  expect(texts(ran(SOURCE.replace("// Text", "// Other"), "1", "2"), built(old))).toEqual([
    [1, 2, "stale: built from another text"],
  ]);
  expect(texts(ran(`${SOURCE}\n// %%\n`, "1", "2", ""), built(old))[0]![2]).toMatch(/3 cells are built, 4 are written/);
  expect(texts(old, undefined)[0]![2]).toMatch(/n.ipynb is not there/);
});

it("types are checked, and a fault names its cell and line", () => {
  const folder = mkdtempSync(join(tmpdir(), "types-"));
  writeFileSync(join(folder, "tsconfig.json"), SMALL);
  const path = join(folder, "n.ts");
  writeFileSync(path, "// %% [markdown]\n// Text\n\n// %%\nexport const a = 1;\n\n// %%\nconst b: string = a;\n");
  const found = typeProblems([path]);
  rmSync(folder, { recursive: true });
  expect(found).toEqual([{ path, line: 8, cell: 3, text: "type: Type 'number' is not assignable to type 'string'." }]);
});
