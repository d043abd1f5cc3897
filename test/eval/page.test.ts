import { describe, expect, it } from "vitest";
import { benchOf } from "../../src/eval/benches.ts";
import { escape, percent } from "../../src/eval/charts.ts";
import type { Graded } from "../../src/eval/grade.ts";
import { pageOf } from "../../src/eval/page.ts";
import type { Problem } from "../../src/eval/problem.ts";
import { reportOf } from "../../src/eval/report.ts";
import { CHART_ROWS, OFFICIAL, WRONG } from "../../src/eval/scores.ts";
import type { Settings } from "../../src/eval/settings.ts";

const PROBLEMS: Problem[] = ["a", "b", "c<script>"].map((id, i) => ({
  id,
  grader: "math",
  row: {},
  part: i === 0 ? "algebra" : "geometry",
  messages: [],
}));
const SETTINGS: Settings = {
  format: "qwq-eval/1",
  bench: "aime24",
  data: { from: "x", sha256: "0", problems: 3 },
  model: "m & n",
  at: "here",
  samples: 4,
  drawing: { temperature: 0.6 },
  seed: 0,
};

const graded = (problem: string, answers: readonly (readonly [string, number])[]): Graded[] =>
  answers.map(([extracted, score], sample) => ({
    sample: {
      problem,
      sample,
      seed: 0,
      thinking: "",
      answer: "",
      reason: sample === 3 ? "length" : "stop",
      tokens: 100 * (sample + 1),
      thinkingTokens: 90 * (sample + 1),
      seconds: 1,
    },
    extracted,
    score,
    why: "",
  }));
const ALL = [
  ...graded("a", [
    ["1", 1],
    ["1", 1],
    ["2", 0],
    ["3", 0],
  ]),
  ...graded("b", [
    ["5", 0],
    ["5", 0],
    ["6", 1],
    ["", 0],
  ]),
  ...graded("c<script>", [
    ["9", 1],
    ["9", 1],
    ["9", 1],
    ["9", 1],
  ]),
];

describe("a report", () => {
  const report = reportOf(benchOf("aime24"), SETTINGS, PROBLEMS, ALL);

  it("has pass@1 as the mean over problems, maj@n by the most frequent answer, pass@k unbiased", () => {
    expect(report.headline).toMatchObject({ name: "pass@1", estimate: { value: (0.5 + 0.25 + 1) / 3 } });
    const value = (name: string) => report.metrics.find((metric) => metric.name === name)!.estimate.value;
    expect(value("maj@4")).toBeCloseTo(2 / 3, 12);
    expect(value("pass@2")).toBeCloseTo((1 - 1 / 6 + 0.5 + 1) / 3, 12);
    expect(value("pass@4")).toBe(1);
    expect(report.parts.map(({ name, estimate }) => [name, estimate.value])).toEqual([
      ["algebra", 0.5],
      ["geometry", 0.625],
    ]);
  });

  it("counts tokens, ends and replies without an answer", () => {
    expect(report.thinking).toEqual({ mean: 225, median: 180, p90: 360, most: 360 });
    expect([report.ends, report.unanswered, report.replies, report.wanted]).toEqual([
      { length: 3, stop: 9 },
      1,
      12,
      12,
    ]);
    expect([report.lengths.right.length, report.lengths.wrong.length]).toEqual([7, 5]);
  });

  it("counts what a benchmark counts besides, of all that was counted", () => {
    const counted = ALL.slice(0, 2).map((one, i) => ({
      ...one,
      counts: { "instruction, strict": i === 0 ? [true] : [false, true, true] },
    }));
    const other = reportOf(benchOf("ifeval"), { ...SETTINGS, samples: 1 }, PROBLEMS, counted);
    expect(other.metrics.map(({ name, estimate }) => [name, estimate.value])).toEqual([
      ["instruction, strict", 0.75],
      ["pass@2", 1],
    ]);
  });

  it("is a page of its own, with every name as text and what the authors report", () => {
    const page = pageOf(report);
    expect(page).toContain("m &#38; n");
    expect(page).not.toContain("c<script>");
    expect(page).toContain("QwQ-32B&#39;s authors report 79.5".replace("&#39;", "'"));
    expect(page.match(/<svg /g)!.length).toBe(4);
    expect(page).not.toMatch(/NaN|undefined|(src|href)="http/);
  });

  it("of a run that is not whole, or has nothing, says so and has no NaN in its pictures", () => {
    const part = pageOf(reportOf(benchOf("aime24"), SETTINGS, PROBLEMS, ALL.slice(0, 3)));
    expect(part).toContain("Not all replies are there: 3 of 12.");
    expect(pageOf(reportOf(benchOf("aime24"), SETTINGS, PROBLEMS, []))).not.toContain("NaN");
  });
});

it("escape leaves no mark of HTML, percent says of nothing that it is none", () => {
  expect(escape(`<a href="x">'&`)).toBe("&#60;a href=&#34;x&#34;&#62;&#39;&#38;");
  expect([percent(0.5), percent(NaN)]).toEqual(["50.0 %", "none"]);
});

it("the scores of QwQ-32B that are said to be official agree with each other, and those said to be wrong with none", () => {
  const own = CHART_ROWS[0]!.scores;
  for (const { bench, value } of OFFICIAL) if (bench in own) expect(own[bench]).toBe(value);
  for (const { bench, copied } of WRONG) {
    const chart = ["QwQ-32B", "DeepSeek-R1 (671B)", "o1-mini"].map(
      (model) => CHART_ROWS.find((row) => row.model === model)!.scores[bench]!,
    );
    copied.forEach((value, i) => expect(value).not.toBe(chart[i]));
  }
});
