import { expect, it } from "vitest";
import { draw, Random } from "../../src/generate/random.ts";
import { distribution } from "../../src/generate/sampling.ts";
import { logSumExp } from "../../src/generate/softmax.ts";
import { chance, choose, Reply, samplingOf } from "../../src/training/reply.ts";

const drawing = { temperature: 1, limit: 3, stop: [1], seed: 5 };

it("has each id's likelihood at temperature 1, whatever it was drawn by", () => {
  const reply = new Reply({ ...drawing, temperature: 0 }, 0);
  expect(reply.next(Float32Array.of(0, 0, Math.log(2)))).toBe(2);
  expect(reply.drawn().logprobs[0]).toBeCloseTo(Math.log(0.5), 6);
});

it("ends with a stop token, which is part of it, or at the limit", () => {
  const [stopped, cut] = [new Reply({ ...drawing, temperature: 0 }, 0), new Reply({ ...drawing, temperature: 0 }, 0)];
  stopped.next(Float32Array.of(0, 9, 0));
  expect([stopped.done, stopped.drawn().ended, [...stopped.drawn().ids]]).toEqual([true, true, [1]]);
  for (let i = 0; i < 3; i++) cut.next(Float32Array.of(9, 0, 0));
  expect([cut.done, cut.drawn().ended, cut.drawn().ids.length]).toEqual([true, false, 3]);
  expect(new Reply({ ...drawing, limit: 0 }, 0).done).toBe(true);
});

it("chooses of all ids as the sampler does, bit for bit", () => {
  const random = new Random(4);
  for (let n = 0; n < 300; n++) {
    const logits = Float32Array.from({ length: 1 + (n % 90) }, () => 200 * (n % 3) * (random.fraction() - 0.5));
    const u = n % 50 === 0 ? 0 : n % 50 === 1 ? 1 - 2 ** -53 : random.fraction();
    const id = draw(distribution(logits, [], samplingOf(drawing)), u);
    expect(choose(logits, samplingOf(drawing), u)).toEqual({ id, logprob: logits[id]! - logSumExp(logits) });
  }
  const ruledOut = Float32Array.of(-Infinity, 0, -Infinity);
  expect(choose(ruledOut, samplingOf(drawing), 0.9).id).toBe(1);
  expect(() => choose(Float32Array.of(0, NaN), samplingOf(drawing), 0.5)).toThrow("finite");
});

it("draws by the seed and its place, and by nothing else", () => {
  const words = (seed: number, place: number) => chance(seed, place).word();
  expect(words(5, 3)).toBe(words(5, 3));
  const all = [0, 1, 2, 3].flatMap((seed) => [0, 1, 2, 3].map((place) => words(seed, place)));
  expect(new Set(all).size).toBe(16);
});

it("refuses settings that are none", () => {
  expect(() => samplingOf({ ...drawing, topP: 0 })).toThrow("top-p");
  expect(() => new Reply({ ...drawing, seed: -1 }, 0)).toThrow("seed");
});
