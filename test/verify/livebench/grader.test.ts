import { expect, it } from "vitest";
import { LIVEBENCH, scorerOf } from "../../../src/verify/livebench/grader.ts";

const question = (task: string, ground_truth: unknown) => ({ task, ground_truth, turns: ["?"] });

it("a zebra puzzle is right, in part or wrong", async () => {
  const grade = (reply: string) => LIVEBENCH.grade(question("zebra_puzzle", "anna, 2, tea, red"), reply);
  expect((await grade("<solution>Anna, 2, tea, red</solution>")).right).toBe(1);
  expect((await grade("<solution>Anna, 3, tea, red</solution>")).right).toBe(0.375);
  expect(await grade("I do not know.")).toMatchObject({ right: 0, reason: "The answer is another, or none." });
});

it("where LiveBench's own scorer raises there is no point, and it is said why", async () => {
  const { right, reason } = await LIVEBENCH.grade(question("amc", "B"), "\\boxed\n{B}");
  expect([right, reason]).toEqual([false, "LiveBench's own scorer fails on this reply: no box in braces."]);
});

it("a task of which the scorer is not here is refused", () => {
  expect(scorerOf(question("AMPS_Hard", "x"))).toBeUndefined();
  expect(() => LIVEBENCH.grade(question("tablereformat", "x"), "")).toThrow(
    /LiveBench: expected a task among amc, smc/,
  );
});
