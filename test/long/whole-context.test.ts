/**
 * QwQ's longest context, 131,072 tokens under YaRN with factor 4 over 32,768, filled to its last place.
 *
 * The reference computes 8.6 billion scores of the one head there is, 34 ns each: five minutes, three times over. So this is
 * a tier of its own, `npm run test:long`; test/whole-context.test.ts says the same of 6,144 tokens.
 */
import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { plan } from "../../src/library/plan.ts";
import { host } from "../../src/tensor.ts";
import { golden, goldenJson } from "../support/golden.ts";
import type { Manifest } from "../support/models.ts";
import { nextToken, readWhole, runWhole, yarnModel } from "../support/whole-context.ts";
import { floor, within } from "../support/within.ts";

const model = yarnModel(131_072);

/** All three formats side by side: float32 here, the others by the command. */
async function readAll() {
  const running = (["bf16", "int8"] as const).map(async (kv) => ({ kv, run: await runWhole(model, kv) }));
  return { reading: await readWhole(model, "f32"), runs: await Promise.all(running) };
}

let all: ReturnType<typeof readAll> | undefined;

describe("131,072 tokens", () => {
  it("every activation at the first, the last and the trained context's bounds: within 4 x Hugging Face's floor", async () => {
    const { reading } = await (all ??= readAll());
    const [f64, floors] = [golden(`${model.name}.f64`), goldenJson<Manifest>("manifest.json").floors[model.name]!];
    expect([...reading.taps.keys()].sort()).toEqual(f64.names.toSorted());
    for (const [tap, values] of reading.taps) within(tap, values, f64.values(tap), floor(floors[tap]!), f64.shape(tap));
  });

  it("the cache holds that many and no more", async () => {
    const [cache] = (await (all ??= readAll())).reading.caches;
    const row = host<"T KD">([1, 8], new Float32Array(8));
    expect(cache!.length).toBe(131_072);
    expect(() => cache!.append(row, row)).toThrow("cache: expected at most 131072 tokens, got 131073.");
  });

  it("`qwq run --kv bf16` and `--kv int8` say, to the bit, what the page says of keys and values rounded all at once", async () => {
    const { reading, runs } = await (all ??= readAll());
    for (const { kv, run } of runs) {
      expect(run.stderr.replace("Stopped after 1 token; --max-tokens allows more.\n", "")).toBe("");
      expect(run.token).toEqual(nextToken(model, reading, kv));
    }
  });

  it("`qwq run` takes at most the memory that `qwq plan` says (where the system tells what a process took)", async () => {
    for (const { kv, run } of (await (all ??= readAll())).runs) {
      const { total } = plan(model.config, model.tokens, totalmem(), kv).run;
      expect(run.peakBytes ?? 0, kv).toBeLessThanOrEqual(total);
    }
  });
});
