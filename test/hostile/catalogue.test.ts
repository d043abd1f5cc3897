/** Every row of the catalogue: it is there, its test is there, and the tests that stand in it hold. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeOf } from "../support/codes.ts";
import { CHAPTERS, PAGE, page } from "./catalogue.ts";

const ROOT = join(import.meta.dirname, "../..");
const ROWS = CHAPTERS.flatMap(([, rows]) => rows);

/** How many rows each chapter of the catalogue has. */
const COUNTS = { F: 17, S: 44, X: 15, M: 13, C: 13, T: 10, J: 8, G: 16, R: 40 };

it("has each of its 176 rows once", () => {
  const due = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
  );
  expect(ROWS.map(({ id }) => id).sort()).toEqual(due.sort());
  expect(due).toHaveLength(176);
});

describe("a row", () => {
  const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

  it.each(ROWS)("$id has a test, or the reason why it has none", ({ id, tests = [], cases = [], never }) => {
    expect(tests.length + cases.length > 0).toBe(never === undefined);
    for (const test of tests) {
      const [file, words] = test.split(" > ") as [string, string?];
      const text = read(file);
      if (words === undefined) expect(text, test).toMatch(new RegExp(`["\`](?:\\w+, )*${id}(?:, \\w+)*: `));
      else expect(text, test).toContain(words);
    }
  });

  it.each(ROWS)("$id: the codes that it names stand in its tests", ({ does, tests = [], cases = [], never }) => {
    if (never !== undefined) return;
    const text = [...new Set(tests.map((test) => test.split(" > ")[0]!))].map(read).join("\n");
    const own = cases.map(([, , code]) => code);
    const codes = does.match(/\b[EW]_[A-Z0-9_]+/g) ?? [];
    expect(codes.filter((code) => !text.includes(code) && !own.includes(code))).toEqual([]);
  });

  it.each(ROWS.flatMap(({ id, cases = [] }) => cases.map(([what, run, code]) => ({ id, what, run, code }))))(
    "$id: $what: $code",
    ({ run, code }) => expect(codeOf(run)).toBe(code === "accepted" ? "nothing" : code),
  );
});

it("docs/hostile.md is what the tables say (npx tsx test/hostile/catalogue.ts)", () => {
  expect(readFileSync(PAGE, "utf8")).toBe(page());
});
