/** A context filled to its last place under YaRN: 6,144 tokens of a model trained on 1,536. test/long has 131,072. */
import { expect, it } from "vitest";
import { host } from "../src/tensor.ts";
import { golden, goldenJson } from "./support/golden.ts";
import type { Manifest } from "./support/models.ts";
import { nextToken, readWhole, runWhole, yarnModel } from "./support/whole-context.ts";
import { floor, within } from "./support/within.ts";

const model = yarnModel(6144);
const reading = await readWhole(model, "f32");

it("6,144 tokens, four times what RoPE was made for: every activation within 4 x Hugging Face's floor of float64", () => {
  const [f64, floors] = [golden(`${model.name}.f64`), goldenJson<Manifest>("manifest.json").floors[model.name]!];
  expect([...reading.taps.keys()].sort()).toEqual(f64.names.toSorted());
  for (const [tap, values] of reading.taps) within(tap, values, f64.values(tap), floor(floors[tap]!), f64.shape(tap));
});

it("the context holds that many tokens and no more", () => {
  const row = host<"T KD">([1, 8], new Float32Array(8));
  expect(reading.caches[0]!.length).toBe(6144);
  expect(() => reading.caches[0]!.append(row, row)).toThrow("cache: expected at most 6144 tokens, got 6145.");
});

it.concurrent.each(["f32", "bf16", "int8"] as const)(
  "`qwq run --kv %s` says, to the bit, what the page says of keys and values rounded all at once",
  async (kv) => {
    const { code, stderr, token } = await runWhole(model, kv);
    expect(stderr.replace("Stopped after 1 token; --max-tokens allows more.\n", "")).toBe("");
    expect(token).toEqual(nextToken(model, reading, kv));
    expect(code).toBe(0);
  },
);
