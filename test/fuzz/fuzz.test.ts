/** The fuzzer itself: its cases can be made again, and it finds what it looks for. */
import { afterAll, describe, expect, it } from "vitest";
import { runPool } from "./pool.ts";
import { type Finding, type Job, runJob } from "./run.ts";
import { makeCase } from "./target.ts";
import { BROKEN } from "./targets/broken.ts";
import { tidy } from "./targets/model.ts";
import { TARGETS } from "./targets.ts";

afterAll(tidy);

describe("cases", () => {
  it.each(TARGETS)("$name: the same seed and number make the same bytes, others make others", (target) => {
    const hex = (seed: number) =>
      Array.from({ length: 100 }, (_, number) => Buffer.from(makeCase(target, seed, number)).toString("hex"));
    expect(hex(5).join() === hex(5).join()).toBe(true);
    expect(new Set([...hex(5), ...hex(6)]).size).toBeGreaterThan(150);
  });

  it.each(TARGETS)("$name: each seed is accepted, or is refused with a code; some cases are accepted", (target) => {
    const { outcomes, findings } = runJob(target, { target: target.name, seed: 5, from: 0, to: 150 });
    expect(findings.filter(({ why }) => !why.startsWith("slow"))).toEqual([]);
    expect(outcomes["ok"]?.times).toBeGreaterThan(2);
    expect(Object.keys(outcomes).length).toBeGreaterThan(2);
  });
});

const job = (from: number, to: number): Job => ({ target: BROKEN.name, seed: 1, from, to });

it("finds an error that is not ours, too much memory, and a slow case", () => {
  const { findings, outcomes } = runJob(BROKEN, job(4, 8));
  const why = new Map([...runJob(BROKEN, job(1, 2)).findings, ...findings].map((one) => [one.number, one.why]));
  expect([...why.keys()]).toEqual([1, 4, 5]);
  expect(why.get(1)).toBe("untyped: TypeError: Cannot read properties of undefined");
  expect(why.get(4)).toMatch(/^large: /);
  expect(why.get(5)).toMatch(/^slow: /);
  expect(outcomes["E_SIX"]).toEqual({ times: 1, number: 6, bytes: 1 });
});

it("finds a crash and an endless loop among others, and goes on", async () => {
  const findings: Finding[] = [];
  let cases = 0;
  await runPool([job(0, 4)][Symbol.iterator](), {
    processes: 1,
    milliseconds: 1500,
    onResult(_, result) {
      findings.push(...result.findings);
      for (const { times } of Object.values(result.outcomes)) cases += times;
    },
  });
  const why = new Map(findings.map((one) => [one.number, one.why]));
  expect([...why.keys()].sort()).toEqual([1, 2, 3]);
  expect([why.get(2), why.get(3)]).toEqual(["crash: SIGKILL", "hang: no answer within 1500 ms"]);
  expect(cases).toBe(4);
});
