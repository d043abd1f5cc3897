/** A hundred honest programs, half of them wrong: every verdict is right, and the same twice. */
import { afterAll, expect, it } from "vitest";
import { CodeClient } from "../../src/verify/client.ts";
import { HONEST } from "./honest.ts";

const client = await CodeClient.start();
const { languages } = await client.health();
const pairs = HONEST.filter(({ right }) => languages.includes(right.language));
afterAll(() => client.close());

it("there are at least 100", () => {
  expect(2 * HONEST.length).toBeGreaterThanOrEqual(100);
});

it.each(pairs)("$right.language: $name", async ({ right, wrong }) => {
  const verdicts = await client.runAll([right, wrong, right, wrong]);
  expect(verdicts.map(({ status }) => status).filter((_, i) => i % 2 === 0)).toEqual(["passed", "passed"]);
  for (const verdict of verdicts.filter((_, i) => i % 2 === 1)) {
    expect(["failed", "error"], JSON.stringify(verdict)).toContain(verdict.status);
  }
  const told = ({ tests }: (typeof verdicts)[0]) => tests.map(({ status, actual }) => [status, actual]);
  expect(told(verdicts[2]!)).toEqual(told(verdicts[0]!));
  expect(told(verdicts[3]!)).toEqual(told(verdicts[1]!));
});
