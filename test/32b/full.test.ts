/**
 * QwQ-32B's shape, whole: a random checkpoint of 65.5 GB, run from disk, against Hugging Face's own layers and float64.
 * Writes kernels/bench/results/full-32b.json and full-32b-memory.json.
 *
 *   npm run setup -- python
 *   npx qwq synth .cache/qwq-32b --config qwq-32b --seed 1
 *   npm run test:32b
 *
 * With QWQ_32B=FOLDER it is another checkpoint, and nothing is written. Hugging Face's part is kept in .cache/full-32b and
 * made again when the ids are others; ours is made each time.
 */
import { existsSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { golden, goldenJson } from "../support/golden.ts";
import { PYTHON } from "../support/real.ts";
import { columns, totals } from "../support/watched.ts";
import { type About, type FullRun, fullRun, MEMORY, NEW } from "./full-run.ts";
import { judgeColumns, judgeRows, judgeSteps, type RowVerdict, type Verdict } from "./judge.ts";
import { summary } from "./results.ts";

const root = join(import.meta.dirname, "../..");
const usual = join(root, ".cache/qwq-32b");
const model = resolve(process.env["QWQ_32B"] ?? usual);
const ready = process.platform === "linux" && existsSync(join(model, "config.json")) && existsSync(PYTHON);

const needs = "npm run setup -- python; npx qwq synth .cache/qwq-32b --config qwq-32b --seed 1";

describe.skipIf(!ready)(`QwQ-32B's shape, from a disk (needs ${needs})`, () => {
  let full: FullRun;
  let rows: readonly RowVerdict[];
  let steps: readonly Verdict[];

  beforeAll(async () => {
    const work = join(root, ".cache", model === usual ? "full-32b" : `full-${basename(model)}`);
    full = await fullRun(model, work, console.log);
    rows = judgeRows(full.ours, full.theirs, full.truth);
    steps = judgeSteps(full.ours, full.steps, full.headSize, model === usual ? 1 : 4);
  });

  afterAll(() => {
    full?.ours.close();
    full?.theirs.close();
  });

  it("every row of every recorded tap is within 4 x Hugging Face's noise of float64", () => {
    expect(rows).toHaveLength((full.layers.length * 15 + 3) * (full.prompt.length + NEW - 1));
    expect(rows.filter(({ why }) => why !== undefined)).toEqual([]);
  });

  it("each operation alone: matrices within u sum |w x| of float64 and of Hugging Face's, the others within their bounds", () => {
    expect(steps.length).toBeGreaterThan(20 * full.layers.length);
    expect(steps.filter(({ why }) => why !== undefined)).toEqual([]);
  });

  it("the next tokens are Hugging Face's and float64's, each decided by at least 8 x the noise", () => {
    const last = full.about.next.slice(-NEW);
    expect(last.map(({ f32 }) => f32[0])).toEqual(full.end.ids);
    expect(last.map(({ f64 }) => f64[0])).toEqual(full.end.ids);
    expect(last.filter(({ margin, noise }) => margin < 8 * noise)).toEqual([]);
  });

  it("fed token by token and fed at once give the same tokens", () => {
    const { data, shape } = full.ours.read("logits")!;
    const row = (t: number) => data.subarray(t * shape[1]!, (t + 1) * shape[1]!);
    const likeliest = (logits: Float32Array) => logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
    expect(full.end.ids.map((_, i) => likeliest(row(full.prompt.length - 1 + i)))).toEqual(full.end.ids);
  });

  it.runIf(model === usual)("what is committed of Hugging Face's run is what was found here", () => {
    const { ids, next, floors } = goldenJson<About & { floors: Record<string, number> }>("full/qwq-32b.json");
    expect([...full.prompt, ...full.end.ids]).toEqual([...ids, next.at(-1)!.f32[0]]);
    const verdicts = judgeColumns(full.ours, golden("full/qwq-32b.f64"), floors);
    expect(verdicts).toHaveLength(15 * full.layers.length + 3);
    expect(verdicts.filter(({ why }) => why !== undefined)).toEqual([]);
  });

  it("running and recording with room for 4,096 tokens take at most 3 GiB of memory, mapped pages counted", () => {
    expect(totals(full.run.samples).peakBytes).toBeLessThanOrEqual(MEMORY);
    expect(totals(full.record.samples).peakBytes).toBeLessThanOrEqual(MEMORY);
  });

  it.runIf(model === usual)("the results are written, for the docs", () => {
    const results = join(root, "kernels/bench/results");
    writeFileSync(
      join(results, "full-32b.json"),
      `${JSON.stringify(summary(model, full, rows, steps), undefined, 2)}\n`,
    );
    const memory = { run: columns(full.run.samples), record: columns(full.record.samples) };
    writeFileSync(join(results, "full-32b-memory.json"), `${JSON.stringify(memory)}\n`);
  });
});
