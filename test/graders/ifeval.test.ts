/** IFEval's grader says what lm-eval's says: always, but for the language of some texts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { INSTRUCTIONS } from "../../src/verify/ifeval/arguments.ts";
import { type Agreement, ifevalAgreement, LANGUAGE_TYPES } from "./ifeval-agreement.ts";
import { ifevalTables, tableIn } from "./tables.ts";

let found: Agreement;

beforeAll(() => {
  found = ifevalAgreement();
});

test("at least 3,000 replies, to all 541 prompts, each of the 25 types both followed and not", () => {
  expect(found.replies).toBeGreaterThanOrEqual(3000);
  expect(found.tasks).toBe(541);
  expect([...found.types.keys()].sort()).toEqual([...INSTRUCTIONS].sort());
  for (const [id, { verdicts, followed }] of found.types) {
    expect(followed, id).toBeGreaterThan(25);
    expect(verdicts - followed, id).toBeGreaterThan(25);
  }
});

test("no verdict on an instruction that has nothing to do with language is another", () => {
  const others = found.differences.filter(({ instruction }) => !LANGUAGE_TYPES.has(instruction.id));
  expect(others).toEqual([]);
  expect(found.whole.without.same).toBe(found.whole.without.of);
});

// The issue's own figure: langdetect, which lm-eval asks, is another program than eld and franc.
test("with language, 98 % of the replies have all verdicts the same", () => {
  expect(found.whole.with.same / found.whole.with.of).toBeGreaterThanOrEqual(0.98);
});

test("docs/graders.md has these figures", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/graders.md"), "utf8");
  for (const [name, table] of Object.entries(ifevalTables(found))) expect(tableIn(page, name), name).toBe(table);
});
