import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import {
  against,
  type AgainstOptions,
  compareRows,
  type Comparison,
  summary,
  type TokenScore,
} from "../../src/generate/against.ts";
import { perplexity } from "../../src/generate/perplexity.ts";
import { reference } from "../../src/reference/index.ts";
import { temporaryFolder } from "../support/checkpoints.ts";
import { codeOf } from "../support/codes.ts";
import { golden, goldenJson, goldenPath } from "../support/golden.ts";
import { type Manifest, model } from "../support/models.ts";
import { floor, within } from "../support/within.ts";

type Recorded = Omit<Comparison, "scored"> & { ids: number[]; window: number; stride: number };

const tiny = model("tiny");
const { ids, window, stride, ...recorded } = goldenJson<Recorded>("model/against.json");
const base: AgainstOptions = { ...tiny, ops: reference, source: tiny, ids, window, stride };

async function run(options: Partial<AgainstOptions>): Promise<{ tokens: TokenScore[]; whole: Comparison }> {
  const tokens: TokenScore[] = [];
  const windows = against({ ...base, ...options });
  for (;;) {
    const { value, done } = await windows.next();
    if (done) return { tokens, whole: value };
    tokens.push(...value.tokens);
  }
}

/** The embedded model with the last four bits of every bfloat16 cleared. */
function coarse() {
  const folder = temporaryFolder();
  const path = goldenPath("model/tiny/model.safetensors");
  const tensors = [...parseSafetensors(readFileSync(path), path)].map(([name, tensor]) => {
    const bytes = tensor.bytes.map((byte, i) => (i % 2 === 0 ? byte & 0xf0 : byte));
    return [name, { ...tensor, bytes }] as const;
  });
  writeSafetensors(join(folder, "model.safetensors"), new Map(tensors));
  copyFileSync(goldenPath("model/tiny/config.json"), join(folder, "config.json"));
  const { config, weights } = openCheckpoint(folder);
  return { config, weights };
}

describe("against", () => {
  it("every token's KL and surprise lie within 4 x Hugging Face's floor of float64", async () => {
    const { tokens } = await run(coarse());
    const f64 = golden("model/against.f64");
    const floors = goldenJson<Manifest>("manifest.json").floors["model/against"]!;
    for (const name of ["kl", "surprise", "sourceSurprise"] as const) {
      const ours = tokens.map((token) => token[name]);
      within(name, ours, f64.values(name), floor(floors[name]!));
    }
  });

  it("says of all tokens what numpy says, within 4 x the floor of a token, and the same agreement exactly", async () => {
    const { whole } = await run(coarse());
    const floors = goldenJson<Manifest>("manifest.json").floors["model/against"]!;
    expect(whole.scored).toBe(149);
    expect(whole.agreement).toBe(recorded.agreement);
    for (const name of ["mean", "error", "median", "p99", "max"] as const) {
      within(`kl ${name}`, [whole.kl[name]], [recorded.kl[name]], floor(floors["kl"]!));
    }
    const logs = ({ perplexity, sourcePerplexity }: Omit<Recorded, "ids" | "window" | "stride">) =>
      [perplexity, sourcePerplexity].map(Math.log);
    within("ln perplexity", logs(whole), logs(recorded), floor(floors["surprise"]!));
  });

  it("a model against itself: 0 exactly, all agree, and the perplexities of `perplexity` to 1e-12", async () => {
    const { whole } = await run({});
    expect(whole.kl).toEqual({ mean: 0, error: 0, median: 0, p99: 0, max: 0 });
    expect(whole.agreement).toBe(1);
    expect(whole.perplexity).toBe(whole.sourcePerplexity);
    const alone = perplexity(base);
    let last = await alone.next();
    while (!last.done) last = await alone.next();
    expect(Math.abs(whole.perplexity / last.value.perplexity - 1)).toBeLessThan(1e-12); // 149 sums in another order
    expect(whole.scored).toBe(last.value.scored);
  });

  it("`kv` is about the model alone: the source's perplexity stays to the bit, the divergence is no longer 0", async () => {
    const [plain, bytes] = [(await run({})).whole, (await run({ kv: "int8" })).whole];
    expect(bytes.sourcePerplexity).toBe(plain.sourcePerplexity);
    expect(bytes.kl.median).toBeGreaterThan(0);
    expect(bytes.kl.max).toBeLessThan(0.1);
  });

  it("gives the same bits whatever the chunk", async () => {
    const other = coarse();
    const whole = await run(other);
    expect(await run({ ...other, chunk: 1 })).toEqual(whole);
    expect(await run({ ...other, chunk: 5 })).toEqual(whole);
  });

  it("ends with the complete windows when it is interrupted", async () => {
    const stop = new AbortController();
    const windows = against({ ...base, signal: stop.signal });
    await windows.next();
    stop.abort();
    expect(await windows.next()).toMatchObject({ done: true, value: { scored: window - 1, agreement: 1 } });
  });

  it("refuses another vocabulary by both numbers, and windows that one of the two has no room for", () => {
    const { config, weights } = model("tied");
    const other = { ...base, source: { config, weights } };
    expect(codeOf(() => against(other))).toBe("E_CMP_VOCABULARY");
    expect(() => against(other)).toThrow("vocab_size: expected the source's, 96, got 544.");
    const short = { ...tiny, config: { ...tiny.config, context: 20 } };
    expect(() => against({ ...base, source: short })).toThrow("window: expected 2 to 20 tokens, got 24.");
  });
});

describe("compareRows", () => {
  it("is the definition on numbers that can be done by hand", () => {
    // p = 1/2, 1/4, 1/4 and q = 1/4, 1/2, 1/4: KL = 1/2 ln 2 - 1/4 ln 2
    const [p, q] = [Float32Array.of(Math.LN2, 0, 0), Float32Array.of(0, Math.LN2, 0)];
    const { kl, surprise, sourceSurprise, agrees } = compareRows(p, q, 1);
    expect(Math.abs(kl - Math.LN2 / 4)).toBeLessThan(2e-8); // ln 2 is rounded to float32
    expect(Math.abs(surprise - Math.LN2)).toBeLessThan(3e-8);
    expect(Math.abs(sourceSurprise - 2 * Math.LN2)).toBeLessThan(3e-8);
    expect(agrees).toBe(false);
  });

  it("of equal logits the lowest id is the likeliest, and what is added to all of them is no matter", () => {
    expect(compareRows(Float32Array.of(1, 3, 3), Float32Array.of(0, 8, 2), 0).agrees).toBe(true);
    expect(compareRows(Float32Array.of(1, 3, 3), Float32Array.of(0, 2, 8), 0).agrees).toBe(false);
    expect(Math.abs(compareRows(Float32Array.of(1, 2), Float32Array.of(1001, 1002), 0).kl)).toBeLessThan(1e-12);
  });

  it("stays finite where a token is impossible to the model: 200 nats, not infinity", () => {
    expect(compareRows(Float32Array.of(0, -200), Float32Array.of(-200, 0), 0).kl).toBeCloseTo(200, 10);
  });
});

describe("summary", () => {
  const token = (kl: number): TokenScore => ({ kl, surprise: 1, sourceSurprise: 2, agrees: kl < 5 });

  it("takes percentiles by nearest rank: of 1 to 200, the 100th, the 198th and the 200th", () => {
    const { kl, agreement, scored, perplexity, sourcePerplexity } = summary(
      Array.from({ length: 200 }, (_, i) => token(((i * 77) % 200) + 1)),
    );
    expect(kl).toMatchObject({ mean: 100.5, median: 100, p99: 198, max: 200 });
    expect(kl.error).toBeCloseTo(Math.sqrt((200 * 200 - 1) / 12 / 199), 12);
    expect(agreement).toBe(0.02);
    expect([scored, perplexity, sourcePerplexity]).toEqual([200, Math.exp(1), Math.exp(2)]);
  });

  it("of one token says that token, and of none nothing", () => {
    expect(summary([token(3)]).kl).toMatchObject({ mean: 3, median: 3, p99: 3, max: 3 });
    expect(summary([])).toMatchObject({ scored: 0, kl: { p99: NaN } });
  });
});
