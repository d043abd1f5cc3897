/** What was once found, and one input for each way in which reading can end: played again with every test run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ELSEWHERE, NEVER, readerCodes } from "./codes.ts";
import { saved } from "./corpus.ts";
import { breaks, measure } from "./run.ts";
import { tidy } from "./targets/model.ts";
import { TARGETS } from "./targets.ts";

afterAll(tidy);

const ROOT = join(import.meta.dirname, "../..");

describe("the corpus", () => {
  it.each(TARGETS)("$name: every file ends as its name says, within the rules", (target) => {
    const files = saved(target);
    expect(files.length).toBeGreaterThan(3);
    for (const { file, outcome, bytes } of files) {
      const measured = measure(target, bytes);
      expect(measured.end, file).toBe(outcome);
      expect(breaks(target, { ...measured, milliseconds: 0 }), file).toBeUndefined(); // how long depends on the machine
    }
  });

  it("has a file for every error code of the readers, but for those that a test elsewhere reaches", () => {
    const reached = new Set(TARGETS.flatMap((target) => saved(target).map(({ outcome }) => outcome)));
    const missing = readerCodes().filter((code) => !reached.has(code));
    expect(missing).toEqual([...Object.keys(ELSEWHERE), ...Object.keys(NEVER)].sort());
  });

  it.each(Object.entries(ELSEWHERE))("%s is reached by %s", (code, file) => {
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(code);
  });

  it("holds only small files: 300 KB in all", () => {
    const bytes = TARGETS.flatMap((target) => saved(target).map((file) => file.bytes.length));
    expect(bytes.reduce((sum, n) => sum + n, 0)).toBeLessThan(300_000);
  });
});
