import { describe, expect, it } from "vitest";
import { type Check, type Checks, sentence, verdictOf } from "../../../src/oracle/checks.ts";
import { checksJson, checksMarkdown, checksText } from "../../../src/oracle/formats/checks.ts";

const eps: Check = {
  code: "lint-eps",
  outcome: "fail",
  where: "config.json: rms_norm_eps",
  expected: "1e-5",
  actual: "1e-6",
  next: "Take it from the file.",
};
const of = (...checks: Check[]): Checks => ({
  schema: "oracle-checks/1",
  command: "lint",
  subject: "a|b",
  checks,
  notes: ["No template."],
});
const pass: Check = { code: "lint-act", outcome: "pass", where: "w" };
const skip: Check = { code: "lint-bos", outcome: "skip", where: "w", next: "No tokenizer." };
const warn: Check = { code: "lint-dtype", outcome: "warn", where: "w", actual: "float16" };

it("the verdict is the worst outcome; nothing that could be checked is no pass", () => {
  expect([of(pass, warn, eps), of(pass, warn, skip), of(pass, skip), of(skip), of()].map(verdictOf)).toEqual([
    "fail",
    "warn",
    "pass",
    "incomparable",
    "incomparable",
  ]);
});

it("a check is a sentence", () => {
  expect([eps, warn, skip, pass].map(sentence)).toEqual([
    "expected 1e-5, got 1e-6. Take it from the file.",
    "got float16.",
    "No tokenizer.",
    "",
  ]);
});

describe("checksText", () => {
  it("has failures first and the command that explains the first", () => {
    expect(checksText(of(pass, skip, warn, eps))).toBe(`FAIL  lint a|b: 1 of 4 checks pass, 1 fail, 1 warn, 1 not made
FAIL  lint-eps  config.json: rms_norm_eps: expected 1e-5, got 1e-6. Take it from
      the file.
WARN  lint-dtype  w: got float16.
skip  lint-bos  w: No tokenizer.
      No template.
next  qwq oracle explain lint-eps
`);
  });

  it("has at most 40 lines of 80 columns", () => {
    const lines = checksText(of(...new Array<Check>(99).fill(eps)))
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(40);
    expect(lines.at(-2)).toBe("      ... all with --format json");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});

it("JSON has every check", () => {
  const { verdict, checks } = JSON.parse(checksJson(of(pass, eps))) as { verdict: string; checks: unknown[] };
  expect([verdict, checks]).toEqual(["fail", [pass, eps]]);
});

it("Markdown has a table of what is wrong", () => {
  expect(checksMarkdown(of(eps, pass))).toContain(
    "| FAIL | `lint-eps` | config.json: rms_norm_eps | 1e-5 | 1e-6 | Take it from the file. |\n",
  );
  expect(checksMarkdown(of(pass))).not.toContain("| code |");
});
