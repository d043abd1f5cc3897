import { describe, expect, it } from "vitest";
import { advantages, policyLessons, tokenWeights } from "../../../src/training/stages/grpo.ts";

const objective = { advantage: "scaled", length: "token", low: 0.2, high: 0.28, kl: 0, limit: 10 } as const;
const reply = (ids: number[], reward: number) => {
  return { ids: Uint32Array.from(ids), logprobs: new Float32Array(ids.length).fill(-0.5), reward };
};

describe("advantages", () => {
  it("scaled: mean 0 and standard deviation 1 in a group, as in DeepSeekMath", () => {
    const A = advantages([1, 0, 0, 0], "scaled");
    expect(A[0]).toBeCloseTo(Math.sqrt(3), 12); // (1 - 1/4) / sqrt(3/16)
    expect(A[1]).toBeCloseTo(-1 / Math.sqrt(3), 12);
    expect(A.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 12);
    expect(A.reduce((sum, x) => sum + x * x, 0) / 4).toBeCloseTo(1, 12);
  });

  it("centred: the mean alone is taken off, as in Dr. GRPO", () => {
    expect(advantages([1, 0, 0, 0], "centred")).toEqual([0.75, -0.25, -0.25, -0.25]);
  });

  it.each(["scaled", "centred"] as const)("%s: 0 where all earned the same", (how) => {
    expect(advantages([1, 1, 1], how)).toEqual([0, 0, 0]);
    expect(advantages([0, 0], how)).toEqual([0, 0]);
  });
});

describe("the weight of a token", () => {
  const lengths = [2, 6];
  const sum = (w: number[]) => w.reduce((total, one, i) => total + one * lengths[i]!, 0);

  it("by reply: every reply counts alike, and a long one's token little", () => {
    expect(tokenWeights(lengths, "reply", 10)).toEqual([1 / 4, 1 / 12]);
    expect(sum(tokenWeights(lengths, "reply", 10))).toBe(1);
  });

  it("by token: every token counts alike", () => {
    expect(tokenWeights(lengths, "token", 10)).toEqual([1 / 8, 1 / 8]);
  });

  it("by limit: the same whatever was drawn", () => {
    expect(tokenWeights(lengths, "limit", 10)).toEqual([1 / 20, 1 / 20]);
  });
});

describe("lessons of a batch", () => {
  const prompt = Uint32Array.of(9, 8, 7);
  const groups = [
    { prompt, replies: [reply([1, 2], 1), reply([3, 4, 5], 0)] },
    { prompt, replies: [reply([6], 1), reply([6, 6], 1)] },
  ];
  const lessons = policyLessons(groups, objective);

  it("are of the replies that have an advantage; those of a group that earned the same teach nothing", () => {
    expect(lessons.map(({ targets }) => [...targets])).toEqual([
      [8, 7, 1, 2],
      [8, 7, 3, 4, 5],
    ]);
  });

  it("count the reply's tokens and none of the prompt; replies that are left out still share the weight", () => {
    const [first, second] = lessons;
    expect([...first!.weights].map((w) => w * 8)).toEqual([0, 0, 1, 1]); // 8 tokens in the batch
    expect([...first!.policy!.advantages]).toEqual([0, 0, 1, 1]);
    expect([...second!.policy!.advantages]).toEqual([0, 0, -1, -1, -1]);
    expect([...first!.policy!.before]).toEqual([0, 0, -0.5, -0.5]);
    expect([first!.policy!.low, first!.policy!.high]).toEqual([0.2, 0.28]);
  });

  it("held near a policy, all replies teach, also those without an advantage", () => {
    const near = (ids: number[], reward: number) => {
      return { ...reply(ids, reward), near: new Float32Array(ids.length).fill(-0.25) };
    };
    const held = policyLessons([{ prompt, replies: [near([6], 1), near([6, 6], 1)] }], { ...objective, kl: 0.04 });
    expect(held).toHaveLength(2);
    expect([...held[1]!.policy!.near!.logprobs]).toEqual([0, 0, -0.25, -0.25]);
    expect(held[1]!.policy!.near!.beta).toBe(0.04);
  });
});
