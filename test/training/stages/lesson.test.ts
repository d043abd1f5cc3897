import { expect, it } from "vitest";
import { learntTokens, lesson, ofReply, placed } from "../../../src/training/stages/lesson.ts";

const one = { prompt: Uint32Array.of(5, 6, 7), reply: Uint32Array.of(1, 2) };

it("a lesson's targets are its ids one place on; only the reply counts", () => {
  const { ids, targets, weights } = lesson(one, 0.5);
  expect([...ids]).toEqual([5, 6, 7, 1]);
  expect([...targets]).toEqual([6, 7, 1, 2]);
  expect([...weights]).toEqual([0, 0, 0.5, 0.5]);
});

it("and what stands in a span of the prompt", () => {
  const two = { prompt: Uint32Array.of(4, 5, 6, 7, 8), reply: Uint32Array.of(1, 2), spans: [[1, 3]] as const };
  const { targets, weights } = lesson(two, 0.25);
  expect([...targets].filter((_, t) => weights[t]! > 0)).toEqual([5, 6, 1, 2]);
  expect(learntTokens(two)).toBe(4);
});

it("values of a reply go to its places and come back", () => {
  const values = placed(one, [3, 4]);
  expect([...values]).toEqual([0, 0, 3, 4]);
  expect([...ofReply(one, values)]).toEqual([3, 4]);
});
