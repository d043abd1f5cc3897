import { describe, expect, it } from "vitest";
import { COLUMNS, LINES, reportText, sparkline } from "../../../src/oracle/formats/text.ts";
import { failing, HOSTILE, incomparable, notFinite, passing, tapResult } from "../../support/reports.ts";

describe("reportText", () => {
  it("says what is wrong, where, why, and what to do next", () => {
    expect(reportText(failing(), { candidate: "c.oracle" })).toBe(
      `FAIL  first divergence 1.kr (inputs clean: 1.k z 0.90)
      policy bf16-hf-eager, engine an engine, 4 rows of 48 taps
      r 8.7e-1, noise 3.5e-3, z 249; worst at position 3
      column 5: expected 0.125, got -1.5
      diagnosis  rope-interleaved: the engine agrees with this mutant, z 1.10,
                 229 times nearer than the next
      then       rope-theta z 252
      z by layer, 0 to 2:
      ▂█▇
      26 taps downstream inherited it and are not blamed
      compared 48 of 48 taps, 100 % of their rows
next  qwq oracle explain rope-interleaved
`,
    );
  });

  it("of a pass is short", () => {
    expect(reportText(passing()).split("\n")).toHaveLength(6);
  });

  it.each([
    ["a deep model", failing("40.kr", 64, 200)],
    [
      "hostile names",
      { ...failing(), engine: HOSTILE.repeat(30), notes: Array.from({ length: 90 }, (_, i) => `note ${i}`) },
    ],
    ["a long word", { ...failing(), notes: ["x".repeat(1000)] }],
    ["every tap at fault", { ...failing(), command: "replay" as const }],
    ["what is not finite", notFinite()],
    ["what cannot be compared", incomparable()],
    [
      "many missing taps",
      { ...passing(), coverage: { ...passing().coverage, missing: passing(64).taps.map(({ tap }) => tap) } },
    ],
  ])("of %s has at most 40 lines of 80 columns", (_, report) => {
    const lines = reportText(report).trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(LINES);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(COLUMNS);
    if (report.verdict === "fail" && report.first !== null) expect(lines.at(-1)).toMatch(/^next {2}qwq oracle/);
  });

  it("of a replay names each tap at fault by itself", () => {
    const report = { ...failing(), command: "replay" as const };
    const taps = [tapResult("0.q", 249), tapResult("1.q", 7), tapResult("2.q", 1)];
    const text = reportText({ ...report, taps, first: { ...report.first!, tap: "0.q" } });
    expect(text).toContain("      1.q  z 7.00, r 2.5e-2, noise 3.5e-3, position 3\n");
    expect(text).not.toContain("inherited");
  });

  it("draws a bar a layer up to 64, and the worst of several above", () => {
    const bars = (layers: number) => /to \d+:\n +(\S+)\n/.exec(reportText(failing("40.kr", layers)))![1]!;
    expect([bars(64).length, bars(100).length]).toEqual([64, 50]);
    expect(bars(100)[20]).toBe("█");
  });
});

it("sparkline marks the two bounds, gaps and what is not finite", () => {
  const limits = { warnAbove: 3, failAbove: 6 };
  expect(sparkline([0.5, 1, 2, 3, 4, 6, 7, 60, undefined, NaN, Infinity], limits)).toBe("▁▁▂▂▃▃▄█·██");
});
