import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Sample } from "../../src/eval/problem.ts";
import { hashOf, seedOf, type Settings } from "../../src/eval/settings.ts";
import { Store } from "../../src/eval/store.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

const LINES = ['{"prompt": "a", "answer": 1}'];
const SETTINGS: Settings = {
  format: "qwq-eval/1",
  bench: "own",
  data: { from: "x", sha256: hashOf(LINES), problems: 1 },
  model: "m",
  at: "here",
  samples: 2,
  drawing: {},
  seed: 0,
};
const sample = (number: number): Sample => ({
  problem: "line-1",
  sample: number,
  seed: 1,
  thinking: "\u2028",
  answer: "x",
  reason: "stop",
  seconds: 1,
});

function begun(...samples: Sample[]): string {
  const folder = join(temporaryFolder(), "run");
  const store = Store.create(folder, SETTINGS, LINES);
  for (const one of samples) store.add(one);
  store.close();
  return folder;
}

describe("a run's folder", () => {
  it("gives back what was put into it", () => {
    const store = Store.open(begun(sample(0), sample(1)));
    expect([store.settings, store.lines, store.samples]).toEqual([SETTINGS, LINES, [sample(0), sample(1)]]);
    store.close();
  });

  it("loses a line that was cut at any byte, and only that", () => {
    const whole = `${JSON.stringify(sample(1))}\n`;
    for (const bytes of [1, 20, whole.length - 1]) {
      const folder = begun(sample(0));
      appendFileSync(join(folder, "samples.jsonl"), whole.slice(0, bytes));
      const store = Store.open(folder);
      expect(store.samples).toEqual([sample(0)]);
      store.add(sample(1));
      store.close();
      expect(readFileSync(join(folder, "samples.jsonl"), "utf8").split("\n").length).toBe(3);
    }
  });

  it("is one process's at a time, and that of a process that is gone is free", () => {
    const folder = begun(sample(0));
    writeFileSync(join(folder, "lock"), "1\n"); // a process that runs
    expect(failure(() => Store.open(folder)).code).toBe("E_EVAL_BUSY");
    writeFileSync(join(folder, "lock"), "4194400\n"); // beyond the largest process id
    Store.open(folder).close();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("refuses a line that is no sample, a sample twice, and settings that are none", () => {
    const folder = begun(sample(0));
    const path = join(folder, "samples.jsonl");
    writeFileSync(path, `{"problem": 1}\n`);
    expect(failure(() => Store.open(folder)).message).toBe(
      `${path}: expected a sample in line 1, got {"problem": 1}. The run is damaged; begin another.`,
    );
    writeFileSync(path, `${JSON.stringify(sample(0))}\n`.repeat(2));
    expect(failure(() => Store.open(folder)).expected).toBe("each sample once");
    writeFileSync(join(folder, "eval.json"), "{");
    expect(failure(() => Store.open(folder)).code).toBe("E_EVAL_RUN");
  });
});

it("each sample has a seed of its own, of 31 bits", () => {
  const seeds = Array.from({ length: 1000 }, (_, i) => seedOf(7, "p", i));
  expect(new Set(seeds).size).toBe(1000);
  expect(seeds.every((seed) => seed >= 0 && seed < 2 ** 31)).toBe(true);
  expect(seedOf(8, "p", 0)).not.toBe(seedOf(7, "p", 0));
});
