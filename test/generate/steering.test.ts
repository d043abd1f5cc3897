import { describe, expect, it } from "vitest";
import { likeliest, steeredBy, type Steering } from "../../src/generate/steering.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { goldenPath } from "../support/golden.ts";

describe("likeliest", () => {
  it("gives the greatest first, the lower id first among equals, with probabilities that sum to 1", () => {
    const all = likeliest(Float32Array.of(1, 3, 2, 3), 4);
    expect(all.map(({ id }) => id)).toEqual([1, 3, 2, 0]);
    expect(all.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 12);
    expect(likeliest(Float32Array.of(1, 3, 2, 3), 2).map(({ id }) => id)).toEqual([1, 3]);
    expect(likeliest(Float32Array.of(1, 3), 9)).toHaveLength(2);
    expect(likeliest(Float32Array.of(1, 3), 0)).toEqual([]);
  });
});

describe("steering", () => {
  const only = (ids: readonly number[]): Steering & { pushed: number[] } => {
    const pushed: number[] = [];
    return {
      pushed,
      push: (id) => void pushed.push(id),
      steer: (logits) => logits.map((x, id) => (ids.includes(id) ? x : -Infinity)),
    };
  };

  it("decides what is drawn, sees each token, and leaves the probabilities that are told as they are", async () => {
    const qwq = await QwQ.load(goldenPath("model/tiny"));
    const ask = { greedy: true, maxTokens: 4, top: 3 };
    const steering = only([5, 6]);
    const [free, steered] = [[], []] as { id: number; top: unknown }[][];
    for await (const event of qwq.generate("Hello", ask))
      if (event.type === "token") free!.push({ id: event.id, top: event.top });
    for await (const event of qwq.generate("Hello", { ...ask, steering })) {
      if (event.type === "token") steered!.push({ id: event.id, top: event.top });
    }
    const ids = steered!.map(({ id }) => id);
    expect(ids.every((id) => id === 5 || id === 6)).toBe(true);
    expect(steering.pushed).toEqual(ids);
    expect(steered![0]!.top).toEqual(free![0]!.top);
    expect((free![0]!.top as { id: number }[])[0]!.id).toBe(free![0]!.id);
  });

  it("works one after another", () => {
    expect(steeredBy([])).toBeUndefined();
    const [a, b] = [only([1, 2]), only([2, 3])];
    const both = steeredBy([a, b])!;
    expect([...both.steer(Float32Array.of(1, 1, 1, 1))]).toEqual([-Infinity, -Infinity, 1, -Infinity]);
    both.push(2);
    expect([a.pushed, b.pushed]).toEqual([[2], [2]]);
  });
});
