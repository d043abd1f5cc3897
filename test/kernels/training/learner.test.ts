import { afterAll, describe, expect, it } from "vitest";
import { openLearner } from "../../../kernels/training/index.ts";
import { host } from "../../../src/tensor.ts";
import { adamW } from "../../../src/training/adamw.ts";
import { clip } from "../../../src/training/clip.ts";
import { initial } from "../../../src/training/initial.ts";
import type { Drawing, Learner } from "../../../src/training/learner.ts";
import { mapParameters, named, type Parameters, parametersOf } from "../../../src/training/parameters.ts";
import { referenceLearner } from "../../../src/training/reference-learner.ts";
import { configOf, DEFAULTS } from "../../../src/training/settings.ts";
import { golden, goldenJson } from "../../support/golden.ts";
import { model } from "../../support/models.ts";
import { huggingFaceName } from "../../support/page-names.ts";
import { gathered, lessons, offBy, tensors } from "../../support/lessons.ts";

const { weights, config } = model("tiny").checkpoint;
const V = config.vocabulary;
const LENGTHS = [24, 3, 17, 1, 40, 9, 64, 33, 5, 12, 80, 21];
const batch = lessons(V, LENGTHS);

const opened: Learner[] = [];
async function open(threads = 2, p: Parameters = parametersOf(weights), w = weights): Promise<Learner> {
  const learner = await openLearner(p, w, { threads });
  opened.push(learner);
  return learner;
}
afterAll(() => Promise.all(opened.map((learner) => learner.close())));

describe("gradients by kernels", () => {
  const recorded = goldenJson<{
    ids: number[];
    targets: number[];
    loss: number;
    nll: number[];
    noise: Record<string, number>;
  }>("backward/tiny.json");

  // Four times how far torch's own float32 lies from its float64, of the same tensor: the noise of the format.
  it("of every parameter lie as near to torch's float64 as torch's float32 does, within four times", async () => {
    const [ids, targets] = [Uint32Array.from(recorded.ids), Uint32Array.from(recorded.targets)];
    const learner = await open();
    const said = await learner.learn([{ ids, targets, weights: new Float32Array(ids.length).fill(1 / ids.length) }]);
    expect(Math.abs(said.loss / recorded.loss - 1)).toBeLessThan(1e-6);
    said.nll[0]!.forEach((x, t) => expect(Math.abs(x - recorded.nll[t]!)).toBeLessThan(1e-5));
    const truth = golden("backward/tiny");
    const made = await gathered(learner);
    expect(made.size).toBe(truth.names.length);
    for (const [name, values] of made) {
      const theirs = huggingFaceName(name);
      const error = offBy(values, truth.values(theirs));
      expect(error / (4 * recorded.noise[theirs]!), `${name}: ${error}`).toBeLessThan(1);
    }
  });

  // 1e-5 of a tensor's length, as is asked of the reference by torch's float64; measured: 3e-6 at most.
  it.each(["tiny", "tied", "llama"])("%s: a packed batch has the reference's", async (name) => {
    const { checkpoint } = model(name);
    const some = lessons(checkpoint.config.vocabulary, LENGTHS.slice(0, 7));
    const p = parametersOf(checkpoint.weights);
    const [fast, slow] = [await open(2, p, checkpoint.weights), referenceLearner(p, checkpoint.weights)];
    const [a, b] = [await fast.learn(some), await slow.learn(some)];
    expect(Math.abs(a.loss / b.loss - 1)).toBeLessThan(1e-6);
    const [made, truth] = [await gathered(fast), await gathered(slow)];
    for (const [tensor, values] of truth) expect(offBy(made.get(tensor)!, values), tensor).toBeLessThan(1e-5);
  });

  it("so have sequences longer than any row of the model is wide, one after another, each longer than the last", async () => {
    const sizes = {
      layers: 1,
      channels: 40,
      heads: 5,
      keyHeads: 1,
      headSize: 8,
      feedForward: 64,
      context: 512,
      theta: 10_000,
    };
    const small = configOf({ ...DEFAULTS, model: sizes }, 64);
    const p = initial(small, 1);
    const fast = await openLearner(p, small, { threads: 1 });
    opened.push(fast);
    const slow = referenceLearner(p, small);
    for (const length of [70, 260, 300, 420]) {
      const one = lessons(64, [length], 1 / length);
      const [a, b] = [await fast.learn(one), await slow.learn(one)];
      expect(Math.abs(a.loss / b.loss - 1)).toBeLessThan(1e-6);
      const [made, truth] = [await gathered(fast), await gathered(slow)];
      for (const [tensor, values] of truth) expect(offBy(made.get(tensor)!, values), tensor).toBeLessThan(1e-5);
    }
  });

  it("the clipped objective has the reference's, and clips the same", async () => {
    const [fast, slow] = [await open(), referenceLearner(parametersOf(weights), weights)];
    const before = await slow.score(batch);
    const some = batch.slice(0, 6).map((lesson, n) => ({
      ...lesson,
      policy: {
        advantages:
          lesson.ids.length > 5 ? lesson.weights.map((_, t) => ((t + n) % 3) - 1) : new Float32Array(lesson.ids.length),
        before: before[n]!.map((x, t) => x + ((t % 5) - 2) * 0.19),
        ...{ low: 0.2, high: 0.28 },
      },
    }));
    const [a, b] = [await fast.learn(some), await slow.learn(some)];
    expect(b.clipped).toBeGreaterThan(0.05);
    expect(a.clipped).toBe(b.clipped);
    expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-5);
    const [made, truth] = [await gathered(fast), await gathered(slow)];
    for (const [tensor, values] of truth) expect(offBy(made.get(tensor)!, values), tensor).toBeLessThan(1e-5);
  });

  it("a reward model's pairs have the reference's, and sequences its rewards", async () => {
    const p = parametersOf(weights);
    const head: Parameters = { ...p, U: host([1, config.channels], p.U.data.slice(0, config.channels)) };
    const [fast, slow] = [await open(2, head), referenceLearner(head, weights)];
    const pairs = [0, 2, 4, 6].map((n) => ({
      chosen: batch[n]!.ids,
      rejected: batch[n + 1]!.ids,
      weight: 1 / (n + 1),
    }));
    const [a, b] = [await fast.prefer(pairs), await slow.prefer(pairs)];
    expect(Math.abs(a.loss / b.loss - 1)).toBeLessThan(1e-5);
    a.nll.forEach(([x], n) => expect(Math.abs(x! / b.nll[n]![0]! - 1)).toBeLessThan(1e-5));
    const [made, truth] = [await gathered(fast), await gathered(slow)];
    for (const [tensor, values] of truth) expect(offBy(made.get(tensor)!, values), tensor).toBeLessThan(1e-5);
    const all = batch.map(({ ids }) => ids);
    const [r, s] = [await fast.rewards(all), await slow.rewards(all)];
    r.forEach((x, n) => expect(Math.abs(x - s[n]!)).toBeLessThan(1e-5));
    await expect((await open()).rewards(all)).rejects.toThrow("rewards: expected a model whose U has one row");
  });
});

describe("steps", () => {
  it("clipping and AdamW have the bits of their equations", async () => {
    const [probe, learner] = [await open(), await open()];
    const options = { rate: 3e-3, square: 0.95, decay: 0.1 };
    const p = parametersOf(weights);
    const zeros = () => mapParameters(p, (x) => host(x.shape, new Float32Array(x.data.length)));
    const [empty, mean, square] = [zeros(), zeros(), zeros()];
    for (let step = 1; step <= 3; step++) {
      await learner.learn(batch);
      const { parameters } = await learner.state();
      await probe.restore({ parameters, mean: empty, square: empty, step: 0 });
      await probe.learn(batch);
      const found = await gathered(probe);
      const by = new Map([...named(p)].map(([name, x]) => [x.data, found.get(name)!]));
      const gradients = mapParameters(p, (x) => host(x.shape, by.get(x.data)!.slice()));
      const norm = clip(gradients, 0.25);
      expect(norm).toBeGreaterThan(0.25);
      expect(await learner.update({ ...options, norm: 0.25 })).toBe(norm);
      const [d, m, v] = [gradients, mean, square].map(tensors);
      for (const [name, w] of tensors(p))
        adamW(w, d!.get(name)!, { m: m!.get(name)!, v: v!.get(name)! }, step, options);
      const state = await learner.state();
      expect(state.step).toBe(step);
      for (const [name, w] of tensors(p))
        expect(tensors(state.parameters).get(name), `${name}, step ${step}`).toEqual(w);
    }
  });

  it("one, two and three threads have the same bits, of steps and of replies", async () => {
    const after = async (threads: number) => {
      const learner = await open(threads);
      for (let step = 0; step < 2; step++) {
        await learner.learn(batch);
        await learner.update({ rate: 1e-3, norm: 1 });
      }
      const drawing: Drawing = { temperature: 1, topK: 40, topP: 0.95, limit: 9, stop: [7], seed: 11 };
      const prompts = Array.from({ length: 150 }, (_, i) => batch[i % batch.length]!.ids.slice(0, 1 + (i % 7)));
      return {
        state: await learner.state(),
        replies: await learner.draw(prompts, drawing),
        said: await learner.learn(batch),
      };
    };
    const one = await after(1);
    expect(one.replies.length).toBe(150);
    for (const threads of [2, 3]) expect(await after(threads)).toEqual(one);
  });

  it("goes on from a state with the same bits, and forgets what was gathered", async () => {
    const [one, other] = [await open(1), await open(2)];
    await one.learn(batch);
    await one.update({ rate: 1e-3 });
    await other.learn(batch);
    await other.restore(await one.state());
    for (const learner of [one, other]) {
      await learner.learn(batch.slice(3));
      await learner.update({ rate: 1e-3 });
    }
    expect(await other.state()).toEqual(await one.state());
    const kept = await one.state();
    await expect(one.restore({ ...kept, mean: { ...kept.mean, layers: [] } })).rejects.toThrow("restore: expected");
  });

  // The same sums in another order: some roundings of each gradient, 1e-5 as above.
  it("halves of a batch, gathered, are the batch", async () => {
    const [apart, together] = [await open(), await open()];
    await apart.learn(batch.slice(0, 5));
    await apart.learn(batch.slice(5));
    await together.learn(batch);
    const [a, b] = [await gathered(apart), await gathered(together)];
    for (const [name, values] of b) expect(offBy(a.get(name)!, values), name).toBeLessThan(1e-5);
  });
});

describe("replies", () => {
  const prompts = batch.slice(0, 5).map(({ ids }) => ids.slice(0, 11));
  const drawing = { temperature: 0, limit: 16, stop: [], seed: 2 };

  it("are the reference's greedy ones", async () => {
    const slow = await referenceLearner(parametersOf(weights), weights).draw(prompts, drawing);
    const fast = await (await open()).draw(prompts, drawing);
    expect(fast.map(({ ids }) => [...ids])).toEqual(slow.map(({ ids }) => [...ids]));
    fast.forEach(({ logprobs }, n) =>
      logprobs.forEach((x, t) => expect(Math.abs(x - slow[n]!.logprobs[t]!)).toBeLessThan(1e-5)),
    );
  });

  it("depend on their seed and place, not on what is drawn beside them", async () => {
    const learner = await open();
    const chance = { ...drawing, temperature: 1 };
    const all = await learner.draw(prompts, chance);
    expect(await learner.draw(prompts.slice(0, 2), chance)).toEqual(all.slice(0, 2));
    expect(await learner.draw(prompts, { ...chance, seed: 3 })).not.toEqual(all);
  });

  it("their likelihoods are what score says, but for the rounding of a logarithm", async () => {
    const learner = await open();
    for (const [n, { ids, logprobs }] of (await learner.draw(prompts, { ...drawing, temperature: 1 })).entries()) {
      const all = Uint32Array.of(...prompts[n]!, ...ids);
      const [score] = await learner.score([{ ids: all.slice(0, -1), targets: all.slice(1) }]);
      logprobs.forEach((x, t) => expect(Math.abs(x - score![prompts[n]!.length - 1 + t]!)).toBeLessThan(2e-6));
    }
  });

  it("end at a stop token or at the limit", async () => {
    const learner = await open();
    const [first] = await learner.draw(prompts.slice(0, 1), drawing);
    const [stopped] = await learner.draw(prompts.slice(0, 1), { ...drawing, stop: [first!.ids[3]!] });
    expect(stopped!.ended).toBe(true);
    expect(stopped!.ids.at(-1)).toBe(first!.ids[3]);
    expect(first).toMatchObject({ ended: false });
    expect(first!.ids.length).toBe(16);
    expect((await learner.draw(prompts, { ...drawing, limit: 0 })).map(({ ids }) => ids.length)).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(await learner.draw([], drawing)).toEqual([]);
  });
});

describe("faults", () => {
  it("of a thread are the call's, and the learner goes on", async () => {
    const learner = await open();
    const good = await learner.state();
    const bad = mapParameters(good.parameters, (x) =>
      host(
        x.shape,
        x.data.map(() => NaN),
      ),
    );
    await learner.restore({ ...good, parameters: bad });
    const drawing = { temperature: 1, limit: 4, stop: [], seed: 2 };
    await expect(learner.draw([batch[0]!.ids], drawing)).rejects.toMatchObject({ code: "E_NUM_NONFINITE" });
    await learner.restore(good);
    expect((await learner.draw([batch[0]!.ids], drawing)).length).toBe(1);
  });

  it("of what is given are told before anything is computed", async () => {
    const learner = await open();
    await expect(learner.learn([{ ...batch[0]!, targets: Uint32Array.of(1) }])).rejects.toThrow("lesson 0: expected");
    await expect(learner.draw([Uint32Array.of(V)], { temperature: 1, limit: 1, stop: [], seed: 1 })).rejects.toThrow(
      `got ${V} at position 0`,
    );
    await expect(learner.score([{ ids: new Uint32Array(5000), targets: new Uint32Array(5000) }])).rejects.toMatchObject(
      {
        code: "E_LIMIT_CONTEXT",
      },
    );
    const odd = model("head-dim").checkpoint.weights;
    await expect(openLearner(parametersOf(odd), odd)).rejects.toThrow("heads of a multiple of 8, got 40, 56 and 12");
    await expect(openLearner(parametersOf(weights), weights, { threads: 0 })).rejects.toThrow("threads: expected");
  });

  it("a learner that is closed, even at work, says so", async () => {
    const learner = await openLearner(parametersOf(weights), weights, { threads: 2 });
    const work = learner.learn(
      lessons(
        V,
        Array.from({ length: 60 }, () => 100),
      ),
    );
    await Promise.all([expect(work).rejects.toThrow("one that was closed"), learner.close()]);
    await expect(learner.score(batch)).rejects.toThrow("one that was closed");
    await learner.close();
  });
});
