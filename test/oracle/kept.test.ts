/** Engines that keep keys and values in a format of fewer bits, judged as such. */
import { describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { compareBundles, type CompareOptions } from "../../src/oracle/compare.ts";
import { diagnose } from "../../src/oracle/diagnose.ts";
import { measureNoise } from "../../src/oracle/noise.ts";
import { policyFor, policyOf } from "../../src/oracle/numbers/policies.ts";
import { replay, type ReplayOptions } from "../../src/oracle/replay.ts";
import { host, type Host, type Tensor } from "../../src/tensor.ts";
import { codeOf } from "../support/codes.ts";
import { type Bug, type BundleOptions, bundleOf, run, type Values } from "../support/engine.ts";
import { model } from "../support/models.ts";

const { checkpoint, ids, config } = model("tiny");

type Round = (x: number) => number;
const even: Round = (x) => {
  const down = Math.floor(x);
  return x - down > 0.5 || (x - down === 0.5 && down % 2 !== 0) ? down + 1 : down;
};

/** To so many digits after the first, by arithmetic alone, and not with the oracle's own bits. */
const toDigits = (digits: number, least: number) => (round: Round) => (row: Float32Array) =>
  row.map((x) => {
    if (x === 0) return 0;
    const step = 2 ** (Math.max(least, Math.floor(Math.log2(Math.abs(x)))) - digits);
    return round(x / step) * step;
  });
const halves = toDigits(10, -14);
const inBlocks = (size: number, scaled: (s: number) => number) => (round: Round) => (row: Float32Array) => {
  const made = new Float32Array(row.length);
  for (let at = 0; at < row.length; at += size) {
    const block = row.subarray(at, at + size);
    const s = Math.fround(block.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127);
    const scale = scaled(s);
    if (s === 0) continue;
    block.forEach((x, i) => (made[at + i] = scale * round(Math.fround(x * Math.fround(1 / s)))));
  }
  return made;
};
const FORMATS = {
  f16: halves,
  bf16: toDigits(7, -126),
  int8: inBlocks(config.headSize, (s) => s),
  q8_0: inBlocks(32, (s) => halves(even)(Float32Array.of(s))[0]!),
};
type Format = keyof typeof FORMATS;
const all = Object.keys(FORMATS) as Format[];

function rows<A extends string>(x: Tensor<A>, make: (row: Float32Array) => Float32Array): Host<A> {
  const { shape, data } = x as unknown as Host<A>;
  const width = shape[1]!;
  const made = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += width) made.set(make(data.slice(at, at + width)), at);
  return host(shape, made);
}

/** An engine whose attention reads keys and values in that format. */
const keeping = (format: Format, round: Round = even): Bug => ({
  ops: (_, page) => ({
    attention: (q, keys, values, D) =>
      page.attention(q, rows(keys, FORMATS[format](round)), rows(values, FORMATS[format](round)), D),
  }),
});

/** The same whose dumps show what stands in the cache. */
function shownFromCache(values: Values, format: Format, layers = [0, 1, 2], round: Round = even): Values {
  const shown = new Map(values);
  for (const layer of layers) {
    for (const tap of [`${layer}.kr`, `${layer}.v`]) {
      shown.set(tap, rows(values.get(tap) as unknown as Tensor<string>, FORMATS[format](round)));
    }
  }
  return shown;
}

function judged(values: Values, options: ReplayOptions = {}, head: BundleOptions = {}, make: typeof replay = replay) {
  const bundle = openBundle(bundleOf("tiny", values, head));
  try {
    return make(bundle, checkpoint, options);
  } finally {
    bundle.close();
  }
}

describe.each(all)("keys and values in %s", (format) => {
  const right = run("tiny", 0, {}, keeping(format));
  it("fail where the oracle is not told, and pass where it is, as they were computed and as they stand in the cache", () => {
    expect(judged(right).first).toMatchObject({ tap: "0.a" });
    const shown = shownFromCache(right, format);
    expect(judged(shown).first).toMatchObject({ tap: "0.v" });
    for (const values of [right, shown]) {
      const report = judged(values, { kvDtype: format });
      expect(report).toMatchObject({ verdict: "pass", first: null, policy: `f32+kv-${format}` });
    }
  });

  it("are found at a where they are moved by one place, and diagnosed", () => {
    const moved: Bug = {
      ops: (_, page) => ({
        attention(q, keys, values, D) {
          const { shape, data } = keys as unknown as Host<"S KD">;
          const late = new Float32Array(data.length);
          late.set(data.subarray(0, data.length - shape[1]!), shape[1]!);
          return page.attention(q, host<"S KD">(shape, late), values, D);
        },
      }),
    };
    const report = judged(run("tiny", 1, moved, keeping(format)), { kvDtype: format }, {}, diagnose as typeof replay);
    expect(report).toMatchObject({ verdict: "fail", none: false, first: { tap: "1.a" } });
    expect(report.diagnosis[0]).toMatchObject({ code: "cache-shift" });
  });

  it("are found where one layer cuts off in place of rounding: at a, or where its cache is seen", () => {
    const cut = run("tiny", 1, keeping(format, Math.trunc));
    expect(judged(cut, { kvDtype: format, layers: "1" }).first).toMatchObject({ tap: "1.a" });
    const shown = shownFromCache(cut, format, [1], Math.trunc);
    const { first } = judged(shown, { kvDtype: format, layers: "1" });
    expect(["1.kr", "1.v"]).toContain(first?.tap);
  });
});

it("a bug before the cache is found at its tap, though the cache is what is seen", () => {
  const biasless: Bug = { W: (W) => ({ ...W, bv: undefined }) };
  const wrong = shownFromCache(run("tiny", 1, biasless, keeping("q8_0")), "q8_0");
  const report = judged(wrong, { kvDtype: "q8_0" }, {}, diagnose as typeof replay);
  expect(report).toMatchObject({ first: { tap: "1.v" }, none: false });
  expect(report.diagnosis[0]).toMatchObject({ code: "bias-v" });
});

it("compare grants what the format does to a whole run, and a manifest says it too", () => {
  const [x, y] = [
    bundleOf("tiny", run("tiny", 0, {}), { role: "reference" }),
    bundleOf("tiny", shownFromCache(run("tiny", 0, {}, keeping("q8_0")), "q8_0"), { kv_dtype: "Q8_0" }),
  ].map(openBundle);
  const noise: CompareOptions["noise"] = (policy, want) =>
    measureNoise(checkpoint, ids, { policies: [policy], want, local: false });
  expect(compareBundles(x!, y!, { noise })).toMatchObject({ verdict: "pass", policy: "f32+kv-q8_0" });
  expect(compareBundles(x!, y!, { noise, kvDtype: "f32" })).toMatchObject({ verdict: "fail", first: { tap: "0.v" } });
  for (const bundle of [x!, y!]) bundle.close();
});

it("a policy's name may say it; what is told takes its place; float32 is no format of its own", () => {
  expect(policyOf("bf16+kv-float16").name).toBe("bf16-hf-eager+kv-f16");
  expect(policyFor({ policy: "f32", kv_dtype: "F16" }).name).toBe("f32+kv-f16");
  expect(policyFor({ policy: "f32+kv-f16", kv_dtype: "Q8_0" }).name).toBe("f32+kv-f16");
  expect(policyFor({ policy: "f32+kv-f16" }, { kvDtype: "int8" }).name).toBe("f32+kv-int8");
  expect(policyFor({ policy: "f32", kv_dtype: "Q8_0" }, { kvDtype: "f32" })).toBe(policyOf("f32"));
  expect(codeOf(() => policyFor({ policy: "f32" }, { kvDtype: "q4_0" }))).toBe("E_ARG_KV");
  expect(codeOf(() => policyOf("f32+kw-f16"))).toBe("E_ARG_POLICY");
});
