import { describe, expect, it } from "vitest";
import { referenceLearner } from "../../src/training/reference-learner.ts";
import { gradients } from "../../src/training/gradients.ts";
import type { Lesson } from "../../src/training/learner.ts";
import { named, type Parameters, parametersOf, weightsOf } from "../../src/training/parameters.ts";
import { reference } from "../../src/reference/index.ts";
import { host } from "../../src/tensor.ts";
import { greedy } from "../support/tiny.ts";
import { model } from "../support/models.ts";
import { goldenJson } from "../support/golden.ts";

const { weights, config } = model("tiny").checkpoint;
const recorded = goldenJson<{ ids: number[]; targets: number[]; loss: number; nll: number[] }>("backward/tiny.json");
const [ids, targets] = [Uint32Array.from(recorded.ids), Uint32Array.from(recorded.targets)];
const even = new Float32Array(ids.length).fill(1 / ids.length);
const lesson: Lesson = { ids, targets, weights: even };
const short: Lesson = { ids: ids.slice(0, 5), targets: targets.slice(0, 5), weights: Float32Array.of(0, 0, 1, 1, 1) };
const open = () => referenceLearner(parametersOf(weights), weights);
const values = (p: Parameters) => [...named(p)].map(([, x]) => x.data);

describe("the reference learner", () => {
  it("its loss is torch's, and a small step down the gradient takes as much off it as the slope says", async () => {
    const learner = open();
    const first = await learner.learn([lesson]);
    expect(Math.abs(first.loss / recorded.loss - 1)).toBeLessThan(1e-6);
    const slope = gradients(reference, weights, ids, targets).gradients;
    const length = Math.hypot(...values(slope).map((x) => Math.hypot(...x)));
    expect((await learner.update({ rate: 1e-5, decay: 0 })) / length).toBeCloseTo(1, 6);
    // AdamW's first step moves each weight by the rate against its gradient's sign.
    const less = values(slope).reduce((sum, x) => sum + x.reduce((s, d) => s + Math.abs(d), 0), 0) * 1e-5;
    expect((first.loss - (await learner.learn([lesson])).loss) / less).toBeCloseTo(1, 1);
  });

  it("two batches gathered are one batch of both", async () => {
    const [apart, together] = [open(), open()];
    await apart.learn([lesson]);
    await apart.learn([short]);
    await together.learn([lesson, short]);
    for (const learner of [apart, together]) await learner.update({ rate: 1e-3, norm: 1 });
    expect(await apart.state()).toEqual(await together.state());
  });

  it("goes on from a state with the same bits, and its state is a copy", async () => {
    const [one, other] = [open(), open()];
    await one.learn([lesson]);
    await one.update({ rate: 1e-3 });
    const kept = await one.state();
    await other.restore(kept);
    for (const learner of [one, other]) {
      await learner.learn([short]);
      await learner.update({ rate: 1e-3 });
    }
    expect(await other.state()).toEqual(await one.state());
    expect(kept.step).toBe(1);
    expect(kept.parameters).not.toEqual((await one.state()).parameters);
    await expect(one.restore({ ...kept, mean: { ...kept.mean, layers: [] } })).rejects.toThrow("restore: expected");
  });

  it("draws the page's greedy tokens, and scores them as it drew them", async () => {
    const prompt = model("tiny").ids;
    const [drawn] = await open().draw([prompt], { temperature: 0, limit: 6, stop: [], seed: 1 });
    expect([...drawn!.ids]).toEqual(await greedy(reference, 6));
    const all = Uint32Array.of(...prompt, ...drawn!.ids);
    const [score] = await open().score([{ ids: all.slice(0, -1), targets: all.slice(1) }]);
    expect(score!.slice(prompt.length - 1)).toEqual(drawn!.logprobs);
  });

  it("a policy that is clipped everywhere has no slope; one that has just drawn has REINFORCE's", async () => {
    const [before] = await open().score([short]);
    const policy = (shift: number) => ({
      ...short,
      policy: {
        advantages: new Float32Array(5).fill(1),
        before: before!.map((x) => x - shift),
        low: 0.2,
        high: 0.28,
      },
    });
    const learner = open();
    expect((await learner.learn([policy(1)])).clipped).toBe(1);
    expect(await learner.update({ rate: 0 })).toBe(0);
    expect(await learner.learn([policy(0)])).toMatchObject({ clipped: 0, loss: expect.closeTo(-3, 5) as number });
    const length = await learner.update({ rate: 0 });
    await learner.learn([short]);
    expect((await learner.update({ rate: 0 })) / length).toBeCloseTo(1, 5);
  });
});

describe("a reward model", () => {
  const p = parametersOf(weights);
  const U = host<"V C">([1, config.channels], p.U.data.slice(0, config.channels));
  const head = () => referenceLearner({ ...p, U }, weights);
  const pair = { chosen: ids.slice(0, 6), rejected: ids.slice(3, 12) };

  it("its gradient is the loss's slope along a drawn direction, by finite differences", async () => {
    const learner = head();
    const { loss, nll } = await learner.prefer([pair, { ...pair, weight: 0.5 }]);
    expect(loss).toBeCloseTo(1.5 * nll[0]![0]!, 6);
    const [a, b] = await learner.rewards([pair.chosen, pair.rejected]);
    expect(nll[0]![0]).toBeCloseTo(Math.log1p(Math.exp(b! - a!)), 6);
    // A first step of AdamW moves every weight by the rate against its slope's sign: what it takes off the loss is the sum
    // of the slopes' sizes, and the norm that the update returns bounds it.
    const start = await learner.state();
    const length = await learner.update({ rate: 1e-5, decay: 0 });
    const moved = (await learner.state()).parameters;
    const mean = (await learner.state()).mean;
    let expected = 0;
    const [w0, w1, m] = [values(start.parameters), values(moved), values(mean)];
    m.forEach((x, n) => x.forEach((d, i) => (expected += (d / 0.1) * (w1[n]![i]! - w0[n]![i]!))));
    const [c, r] = await learner.rewards([pair.chosen, pair.rejected]);
    const change = 1.5 * Math.log1p(Math.exp(r! - c!)) - loss;
    expect(length).toBeGreaterThan(0);
    // The step squared and float32's rounding of the weights.
    expect(change / expected).toBeCloseTo(1, 1);
  });

  it("the reward is the last token's one logit", async () => {
    const [reward] = await head().rewards([pair.chosen]);
    const full = parametersOf(weights);
    const row = (p: Parameters) => referenceLearner(p, weights);
    const twice = host<"V C">(
      [1, config.channels],
      U.data.map((x) => 2 * x),
    );
    expect((await row({ ...full, U: twice }).rewards([pair.chosen]))[0]).toBeCloseTo(2 * reward!, 5);
    expect(weightsOf(full, weights).U).toBe(full.U);
    await expect(open().rewards([pair.chosen])).rejects.toThrow("rewards: expected a model whose U has one row");
  });
});
