/** LiveBench's scores are those of its own scorers, to the bit. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { LIVEBENCH_TASKS } from "../../src/verify/livebench/grader.ts";
import { type LiveBenchAgreement, liveBenchAgreement } from "./livebench-agreement.ts";
import { liveBenchTables, tableIn } from "./tables.ts";

let found: LiveBenchAgreement;

beforeAll(async () => {
  found = await liveBenchAgreement();
});

test("every reply has the score that LiveBench gives it", () => {
  expect(found.others).toEqual([]);
});

test("every task has replies that are right and others that are not", () => {
  for (const task of LIVEBENCH_TASKS) {
    const one = found.tasks.get({ smc: "amc", usamo: "imo" }[task] ?? task);
    expect(one?.right, task).toBeGreaterThan(10);
    expect(one!.replies - one!.right, task).toBeGreaterThan(20);
  }
});

test("docs/graders.md has these figures", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/graders.md"), "utf8");
  for (const [name, table] of Object.entries(liveBenchTables(found))) expect(tableIn(page, name), name).toBe(table);
});
