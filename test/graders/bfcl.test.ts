/** BFCL's grader says what bfcl-eval's says, of every reply. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { CATEGORIES } from "../../src/verify/bfcl/task.ts";
import { type Agreement, bfclAgreement } from "./bfcl-agreement.ts";
import { bfclTables, tableIn } from "./tables.ts";

let found: Agreement;

beforeAll(() => {
  found = bfclAgreement();
});

test("every task of every category, right answers and five mutations, both verdicts", () => {
  expect([...found.categories.keys()].sort()).toEqual([...CATEGORIES].sort());
  for (const [name, { tasks, verdicts, right }] of found.categories) {
    if (!name.endsWith("relevance")) expect(verdicts, name).toBe(tasks * 7);
    expect(right, name).toBeGreaterThan(tasks / 10);
    expect(verdicts - right, name).toBeGreaterThan(tasks / 10);
  }
});

test("no verdict is another", () => {
  expect(found.differences).toEqual([]);
});

// Names of characters would need a table of all of them, and complex numbers are the answer to nothing.
test("Python's syntax is decoded to the same calls, but for names of characters and roots of negative numbers", () => {
  expect(found.syntax.differences.map(([text]) => text)).toEqual(["f(a='\\N{BULLET}')", "f(a=(-8)**0.5)"]);
  for (const [, , ours] of found.syntax.differences) expect(ours).toBeNull();
});

test("docs/graders.md has these figures", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/graders.md"), "utf8");
  for (const [name, table] of Object.entries(bfclTables(found))) expect(tableIn(page, name), name).toBe(table);
});
