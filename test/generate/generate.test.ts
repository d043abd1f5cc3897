import { describe, expect, it } from "vitest";
import { Halted } from "../../src/generate/feed.ts";
import { type End, generate, type GenerateOptions, type Token } from "../../src/generate/generate.ts";
import { QWQ_DEFAULTS } from "../../src/generate/sampling.ts";
import { logSumExp } from "../../src/generate/softmax.ts";
import { forward } from "../../src/model.ts";
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import type { Weights } from "../../src/weights.ts";
import { host, isStored, zeros } from "../../src/tensor.ts";
import { model } from "../support/models.ts";

/** In place of a token's own function, so that tokens can be compared by their values. */
const notAsked = () => [];

const tiny = model("tiny");
const { config, weights } = tiny;
const ids = [...tiny.ids];
const greedy = { ...QWQ_DEFAULTS, greedy: true };
const last = config.vocabulary - 1;

const base: GenerateOptions = {
  ops: reference,
  weights,
  config,
  ids,
  sampling: greedy,
  stop: [],
  maxTokens: 8,
  seed: 1,
};

async function run(options: Partial<GenerateOptions>): Promise<{ tokens: Token[]; reason: End["reason"] }> {
  const tokens: Token[] = [];
  const steps = generate({ ...base, ...options });
  for (;;) {
    const { value, done } = await steps.next();
    if (done) return { tokens, reason: value.reason };
    tokens.push({ ...value, likeliest: notAsked });
  }
}
const idsOf = async (options: Partial<GenerateOptions>) => (await run(options)).tokens.map((token) => token.id);

/** No layer, and every logit is 0, so that greedy takes id 0 for ever. */
const constant: Weights = { ...weights, layers: () => [], g: zeros(config.channels) };

/** The reference, whose `count`-th matrix ends the work. */
function halting(count: number): Ops {
  let left = count;
  const linear: Ops["linear"] = (x, W, b) => {
    if (--left === 0) throw new Halted();
    return reference.linear(x, W, b);
  };
  return { ...reference, linear };
}

describe("generate", () => {
  it("ends as interrupted at whatever matrix the work is halted, and the caches are as they were before the part", async () => {
    const whole = await run({});
    const perPass = 7 * config.layers + 1; // of a layer seven, and the unembedding
    for (let count = 1; count <= 2 * perPass; count++) {
      const caches = reference.cache(config, 32);
      const { tokens, reason } = await run({ ops: halting(count), caches });
      const passes = Math.floor((count - 1) / perPass);
      const within = (count - 1) % perPass < perPass - 1; // a layer
      expect([reason, tokens]).toEqual(["interrupted", whole.tokens.slice(0, passes)]);
      const held = ids.length + passes - (within ? 1 : 0);
      const expected = passes === 0 && within ? 0 : held;
      expect(caches.map(({ length }) => length)).toEqual(caches.map(() => expected));
    }
  });

  it("greedy gives Hugging Face's 32 tokens on the tiny model", async () => {
    // The least margin between the two likeliest is 0.038 in logits, thousands of times the noise of float32.
    expect(await idsOf({ maxTokens: 32 })).toEqual(tiny.recorded.greedy);
  });

  it("gives the same tokens and the same bits of logprob whatever the chunk", async () => {
    const sampling = QWQ_DEFAULTS;
    const whole = await run({ sampling });
    expect(await run({ sampling, chunk: 1 })).toEqual(whole);
    expect(await run({ sampling, chunk: 4 })).toEqual(whole);
  });

  it("draws the same tokens from the same seed, and others from other seeds", async () => {
    const sampling = { ...QWQ_DEFAULTS, temperature: 1.5 };
    const one = await idsOf({ sampling, seed: 1 });
    expect(await idsOf({ sampling, seed: 1n })).toEqual(one);
    expect(await idsOf({ sampling, seed: 2 })).not.toEqual(one);
  });

  it("gives as logprob the log-softmax of the raw logits, to the bit, at ascending positions", async () => {
    const { tokens } = await run({ sampling: { ...QWQ_DEFAULTS, temperature: 2, repetitionPenalty: 1.3 } });
    const all = Uint32Array.from([...ids, ...tokens.map((token) => token.id)]);
    const logits = await reference.download(forward(reference, weights, all, reference.cache(config, all.length)));
    const V = config.vocabulary;
    tokens.forEach(({ id, logprob, position }, i) => {
      expect(position).toBe(ids.length + i);
      const row = logits.data.subarray((position - 1) * V, position * V);
      expect(logprob).toBe(row[id]! - logSumExp(row));
    });
  });

  it("goes on from caches as if it had never paused, penalising what it is told of the history", async () => {
    const sampling = { ...greedy, repetitionPenalty: 1.5 };
    const whole = await idsOf({ sampling });
    const caches = reference.cache(config, 64);
    const first = await idsOf({ sampling, caches, maxTokens: 3 });
    const history = [...ids, ...first.slice(0, -1)]; // the last token is not in the caches yet
    const rest = await idsOf({ sampling, caches, history, ids: first.slice(-1), maxTokens: 5 });
    expect([...first, ...rest]).toEqual(whole);
  });

  it("penalises what it has made itself: under a penalty of 1e6 no token comes twice", async () => {
    const made = await idsOf({ sampling: { ...greedy, repetitionPenalty: 1e6 }, maxTokens: 32 });
    expect(new Set([...ids, ...made]).size).toBe(new Set(ids).size + 32);
  });

  it("yields the stop token last and says stop; else length", async () => {
    const stop = tiny.recorded.greedy[3]!;
    const { tokens, reason } = await run({ stop: [stop] });
    expect([tokens.length, tokens.at(-1)?.id, reason]).toEqual([4, stop, "stop"]);
    expect((await run({ maxTokens: 2 })).reason).toBe("length");
  });

  it("fills the context and no more where no number of tokens is given", async () => {
    const { tokens, reason } = await run({ maxTokens: undefined, context: ids.length + 3 });
    expect([tokens.length, reason]).toEqual([3, "length"]);
  });

  it("marks the token where a loop is certain once, and ends there if asked to", async () => {
    const warned = await run({ weights: constant, maxTokens: 600 });
    expect(warned.tokens.filter((token) => token.loop !== undefined)).toHaveLength(1);
    const stopped = await run({ weights: constant, maxTokens: 600, onLoop: "stop" });
    expect(stopped.reason).toBe("loop");
    expect(stopped.tokens.at(-1)?.loop).toEqual(warned.tokens.find((token) => token.loop)?.loop);
    const ignored = await run({ weights: constant, maxTokens: 600, onLoop: "ignore" });
    expect(ignored.tokens.every((token) => token.loop === undefined)).toBe(true);
  });

  it("takes the lowest id among equal logits when greedy", async () => {
    expect(await idsOf({ weights: constant, maxTokens: 2 })).toEqual([0, 0]);
  });

  it("is interrupted by a signal before the prompt, between chunks and between tokens", async () => {
    expect(await run({ signal: AbortSignal.abort() })).toEqual({ tokens: [], reason: "interrupted" });
    const inPrompt = new AbortController();
    const onPrompt = (done: number) => {
      if (done === 2) inPrompt.abort();
    };
    expect(await run({ signal: inPrompt.signal, chunk: 1, onPrompt })).toEqual({ tokens: [], reason: "interrupted" });
    const later = new AbortController();
    setImmediate(() => setImmediate(() => later.abort())); // heard only because generate lets others have their turn
    const { tokens, reason } = await run({ signal: later.signal, maxTokens: 100 });
    expect(reason).toBe("interrupted");
    expect(tokens.length).toBeLessThan(100);
  });

  it("reports how much of the prompt is read", async () => {
    const seen: number[] = [];
    await run({ chunk: 4, maxTokens: 1, onPrompt: (done, total) => seen.push(done, total) });
    expect(seen).toEqual([4, 11, 8, 11, 11, 11]);
  });
});

describe("generate and numbers that are not finite", () => {
  function spoiled(layer: number, value: number): Weights {
    function* layers() {
      for (const [l, W] of weights.layers()) {
        const bq = new Float32Array(config.heads * config.headSize);
        bq[5] = value;
        yield [l, l === layer ? { ...W, bq: host<"HD">([bq.length], bq) } : W] as const;
      }
    }
    return { ...weights, layers };
  }

  it.each([0, 2])("names the layer, the activation and the place: NaN in bq of layer %i", async (layer) => {
    await expect(run({ weights: spoiled(layer, NaN) })).rejects.toThrow(
      `model: expected finite activations, got NaN at position 0, column 5 (${layer}.q). ` +
        "Look for NaN and overflow in the weights with qwq inspect --weights.",
    );
  });

  it("names the position in the whole sequence, whatever the chunk: NaN in the embedding of the id at 3", async () => {
    const { vocabulary: V, channels: C } = config;
    const E = host<"V C">([V, C], new Float32Array(V * C));
    if (isStored(weights.E)) weights.E.widen(0, V, E.data);
    E.data[ids[3]! * C + 7] = NaN;
    for (const chunk of [1, 2, 64]) {
      await expect(run({ weights: { ...weights, E, layers: () => weights.layers() }, chunk })).rejects.toThrow(
        "got NaN at position 3, column 0 (0.n1)",
      );
    }
  });

  it("names the final norm, and logits that overflow", async () => {
    const g = (value: number) => host<"C">([config.channels], new Float32Array(config.channels).fill(value));
    await expect(run({ weights: { ...constant, g: g(NaN) } })).rejects.toThrow("NaN at position 10, column 0 (norm)");
    await expect(run({ weights: { ...constant, g: g(3e38) } })).rejects.toThrow(
      /at position 10, column \d+ \((norm|logits)\)/,
    );
  });
});

describe("generate's arguments are checked before any weight is read", () => {
  const unread = new Proxy(weights, {
    get: () => {
      throw new Error("a weight was read");
    },
  });
  const refused: [string, Partial<GenerateOptions>, string][] = [
    ["E_ARG_EMPTY", { ids: [] }, "prompt: expected at least one token, got none."],
    ["E_ARG_TOKEN_ID", { ids: [1, -1] }, `ids[1]: expected an id from 0 to ${last}, got -1.`],
    ["E_ARG_TOKEN_ID", { ids: [576] }, `ids[0]: expected an id from 0 to ${last}, got 576.`],
    ["E_ARG_TOKEN_ID", { ids: [0.5] }, `ids[0]: expected an id from 0 to ${last}, got 0.5.`],
    ["E_ARG_TOKEN_ID", { ids: [NaN] }, `ids[0]: expected an id from 0 to ${last}, got NaN.`],
    ["E_ARG_TOKEN_ID", { stop: [9999] }, `stop[0]: expected an id from 0 to ${last}, got 9999.`],
    ["E_ARG_LIMIT", { maxTokens: 0 }, "max-tokens: expected a whole number from 1 to 2^31 - 1, got 0."],
    ["E_ARG_LIMIT", { maxTokens: 1e12 }, "max-tokens: expected a whole number from 1 to 2^31 - 1, got 1000000000000."],
    ["E_ARG_LIMIT", { chunk: 0 }, "chunk: expected a whole number from 1 to 2^31 - 1, got 0."],
    [
      "E_ARG_CONTEXT",
      { context: 12, maxTokens: 2 },
      "expected at most 12 tokens, got 11 of the prompt and up to 2 new",
    ],
    ["E_ARG_CONTEXT", { context: 11, maxTokens: undefined }, "expected at most 11 tokens, got 11 of the prompt"],
    ["E_ARG_SAMPLING", { sampling: { ...greedy, topP: 0 } }, "top-p: expected a number above 0, up to 1, got 0."],
    ["E_ARG_SEED", { seed: -1 }, "seed: expected a whole number from 0"],
  ];
  it.each(refused)("%s for %j", (code, wrong, message) => {
    const call = () => generate({ ...base, weights: unread, ...wrong });
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
