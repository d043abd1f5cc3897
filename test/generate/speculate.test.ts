/** Drafts change no token, whatever becomes of them. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { Halted } from "../../src/generate/feed.ts";
import { generate, type GenerateOptions, type Token } from "../../src/generate/generate.ts";
import { QWQ_DEFAULTS } from "../../src/generate/sampling.ts";
import { Drafts } from "../../src/generate/speculate.ts";
import type { Ops } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import { model } from "../support/models.ts";

/** In place of a token's own function, so that tokens can be compared by their values. */
const notAsked = () => [];

/** What followed the last place of the last three ids, else of the last two; found by looking everywhere. */
function searched(ids: readonly number[], most: number): number[] {
  for (const n of [3, 2]) {
    for (let at = ids.length - 1; at >= n && ids.length > n; at--) {
      if (ids.slice(at - n, at).every((id, i) => id === ids[ids.length - n + i])) return ids.slice(at, at + most);
    }
  }
  return [];
}

const draftsOf = (ids: readonly number[]) => {
  const drafts = new Drafts();
  for (const id of ids) drafts.push(id);
  return drafts;
};

describe("what is drafted", () => {
  it.each([
    ["what followed the last three ids", [1, 2, 3, 4, 5, 1, 2, 3], [4, 5, 1]],
    ["at their last place", [1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3], [5, 1, 2]],
    ["else of the last two", [9, 2, 3, 7, 8, 2, 3], [7, 8, 2]],
    ["nothing where neither was seen", [1, 2, 3, 4], []],
    ["as far as the text goes", [4, 4, 4], [4]],
    ["nothing of a text too short", [1], []],
  ])("is %s", (_, ids, expected) => {
    expect([...draftsOf(ids).propose(3)]).toEqual(expected);
  });

  it("is what a search of the whole text finds", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (ids, most) => {
        expect([...draftsOf(ids).propose(most)]).toEqual(searched(ids, most));
      }),
    );
  });

  it("pauses for 1, 2, 4 ... 32 tokens after one failure, two, three; what comes ends that", () => {
    const drafts = draftsOf([1, 2, 1, 2]);
    const pauses = () => {
      let n = 0;
      while (drafts.propose(1).length === 0) n++;
      return n;
    };
    const lengths = Array.from({ length: 7 }, () => {
      drafts.came(0);
      return pauses();
    });
    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 32]);
    drafts.came(1);
    expect(pauses()).toBe(0);
    drafts.came(0);
    expect(pauses()).toBe(1);
  });
});

const tiny = model("tiny");
const { config, weights } = tiny;
const ids = [...tiny.ids, ...tiny.ids, ...tiny.ids];
const base: GenerateOptions = {
  ops: reference,
  weights,
  config,
  ids,
  sampling: { ...QWQ_DEFAULTS, greedy: true },
  stop: [],
  maxTokens: 40,
  seed: 1,
};
const wasm = await wasmBackend({ threads: 2 });
afterAll(() => wasm.close());

interface Run {
  readonly tokens: readonly Token[];
  readonly reason: string | undefined;
  readonly drafted: number;
  readonly accepted: number;
}

/** `most`: after so many tokens the reader loses interest. */
async function run(options: Partial<GenerateOptions>, most = Infinity): Promise<Run> {
  let [drafted, accepted] = [0, 0];
  const onDraft = (all: number, came: number) => ([drafted, accepted] = [drafted + all, accepted + came]);
  const steps = generate({ ...base, ...options, onDraft });
  const tokens: Token[] = [];
  while (tokens.length < most) {
    const { value, done } = await steps.next();
    if (done) return { tokens, reason: value.reason, drafted, accepted };
    tokens.push({ ...value, logprob: value.logprob, likeliest: notAsked });
  }
  await steps.return({ reason: "interrupted" });
  return { tokens, reason: undefined, drafted, accepted };
}

describe.each([
  ["reference", reference],
  ["wasm", wasm as Ops],
])("with drafts, on %s", (_, ops) => {
  it.each(["f32", "bf16", "int8"] as const)(
    "the same tokens and log probabilities, keys and values in %s",
    async (kv) => {
      let [drafted, accepted] = [0, 0];
      for (const seed of [1, 2]) {
        for (const sampling of [
          { ...QWQ_DEFAULTS, greedy: seed === 1 },
          { ...QWQ_DEFAULTS, repetitionPenalty: 1.3 },
        ]) {
          const plain = await run({ ops, kv, seed, sampling });
          for (const speculate of [1, 8]) {
            const with_ = await run({ ops, kv, seed, sampling, speculate });
            expect(with_.tokens).toEqual(plain.tokens);
            expect(with_.reason).toBe(plain.reason);
            [drafted, accepted] = [drafted + with_.drafted, accepted + with_.accepted];
          }
        }
      }
      expect(accepted).toBeGreaterThan(0);
      expect(drafted).toBeGreaterThan(accepted); // both ends of a draft were met
    },
  );
});

/** Greedy, so that what comes repeats. */
const plain = await run({});

describe("a draft and an end", () => {
  const idsOf = ({ tokens }: Run) => tokens.map(({ id }) => id);

  it("a stop token within it ends the reply; the caches hold every token but the last", async () => {
    for (const stop of new Set(idsOf(plain))) {
      const caches = reference.cache(config, 256);
      const expected = idsOf(plain).slice(0, idsOf(plain).indexOf(stop) + 1);
      const stopped = await run({ stop: [stop], speculate: 8, caches });
      expect([idsOf(stopped), stopped.reason]).toEqual([expected, "stop"]);
      expect(caches[0]!.length).toBe(ids.length + expected.length - 1);
    }
  });

  it("any number of tokens is kept to, and a context that they fill", async () => {
    for (let maxTokens = 1; maxTokens <= 40; maxTokens += 3) {
      const caches = reference.cache(config, ids.length + maxTokens);
      const part = await run({ maxTokens, context: ids.length + maxTokens, speculate: 8, caches });
      expect([idsOf(part), part.reason]).toEqual([idsOf(plain).slice(0, maxTokens), "length"]);
      expect(caches[0]!.length).toBe(ids.length + maxTokens - 1);
    }
  });

  it("a reader who stops listening leaves caches that can be gone on with", async () => {
    for (let most = 1; most < 40; most += 3) {
      const caches = reference.cache(config, 256);
      const part = await run({ speculate: 8, caches }, most);
      expect(caches[0]!.length).toBe(ids.length + most - 1);
      const rest = await run({
        ids: idsOf(part).slice(-1),
        history: [...ids, ...idsOf(part).slice(0, -1)],
        caches,
        maxTokens: 40 - most,
        speculate: 4,
      });
      expect([...idsOf(part), ...idsOf(rest)]).toEqual(idsOf(plain));
    }
  });

  it("halted at any matrix, it ends as interrupted, with tokens that are right", async () => {
    for (let count = 1; count < 600; count += 23) {
      let left = count;
      const linear: Ops["linear"] = (x, W, b) => {
        if (--left === 0) throw new Halted();
        return reference.linear(x, W, b);
      };
      const caches = reference.cache(config, 256);
      const part = await run({ ops: { ...reference, linear }, speculate: 8, caches });
      if (part.reason === "length") break;
      expect(part.reason).toBe("interrupted");
      expect(idsOf(part)).toEqual(idsOf(plain).slice(0, part.tokens.length));
      if (part.tokens.length > 0) expect(caches[0]!.length).toBeLessThanOrEqual(ids.length + part.tokens.length);
    }
  });
});
