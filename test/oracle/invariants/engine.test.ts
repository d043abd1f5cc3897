import { describe, expect, it } from "vitest";
import { hidden } from "../../../src/model.ts";
import type { Check } from "../../../src/oracle/checks.ts";
import { engineChecks, TOLERANCES } from "../../../src/oracle/invariants/engine.ts";
import { type Json, readJson } from "../../../src/json/json.ts";
import { reference } from "../../../src/reference/index.ts";
import type { Host } from "../../../src/tensor.ts";
import { model } from "../../support/models.ts";

const { weights, config } = model("tiny").checkpoint;
const IDS = [7, 21, 3, 40, 12, 33, 9, 27, 18, 5, 36, 14];

interface Asked {
  readonly ids: number[][];
  readonly rows: number[];
  readonly chunk?: number;
  readonly cached?: number;
  readonly pad?: number;
  readonly offset?: number;
}

/** Logits of every row, the ids fed in those parts over one cache. */
function run(ids: readonly number[], parts: readonly number[], forget = false): Float32Array[] {
  let caches = reference.cache(config, ids.length);
  let at = 0;
  return parts.flatMap((count) => {
    if (forget && at > 0) caches = reference.cache(config, ids.length);
    const n = hidden(reference, weights, Uint32Array.from(ids.slice(at, at + count)), caches);
    at += count;
    const { data } = reference.linear(n, weights.U) as Host<"T V">;
    return Array.from({ length: count }, (_, i) => data.slice(i * config.vocabulary, (i + 1) * config.vocabulary));
  });
}

type Fault = "forgets" | "peeks" | "mixes" | "wavers" | "overflows" | "nonsense" | undefined;

/** The reference as an engine that has no padding and no offsets; with a fault. */
function engine(fault?: Fault): (line: string) => Promise<Json> {
  let asked = 0;
  return async (line) => {
    asked++;
    const { ids, rows, chunk, cached, pad, offset } = JSON.parse(line) as Asked;
    if (pad !== undefined || offset !== undefined) return readJson('{"error":"not here"}', "engine");
    const order = fault === "mixes" ? ids.toReversed() : ids;
    const logits = order.map((sequence) => {
      const step = chunk ?? sequence.length;
      const parts = cached === undefined ? [] : [cached, sequence.length - cached];
      for (let left = sequence.length; cached === undefined && left > 0; left -= step) parts.push(Math.min(step, left));
      const all = run(sequence, parts, fault === "forgets");
      if (fault === "peeks") all.forEach((row) => (row[0]! += sequence.at(-1)!));
      if (fault === "wavers") all.forEach((row) => (row[0]! += asked * 1e-4));
      return rows.map((row) => Array.from(all[row]!, (x) => (fault === "overflows" && asked === 4 ? NaN : x)));
    });
    const text = JSON.stringify({ logits }).replaceAll("null", '"NaN"');
    return readJson(fault === "nonsense" ? "[1]" : text, "engine");
  };
}

const options = { ids: IDS, tolerance: TOLERANCES["f32"]! };
const told = (checks: readonly Check[], outcome: string) =>
  checks.filter((check) => check.outcome === outcome).map(({ code }) => code);

describe("an engine's invariants", () => {
  it("hold of the reference, to the bit where its rows are computed alike; what it has not is skipped", async () => {
    const checks = await engineChecks(engine(), options);
    expect(checks.map(({ code, outcome }) => `${outcome} ${code}`)).toEqual([
      "pass invariant-repeat",
      "pass invariant-causal",
      "pass invariant-chunk",
      "pass invariant-chunk",
      "pass invariant-cache",
      "pass invariant-batch",
      "pass invariant-batch",
      "skip invariant-pad",
      "skip invariant-pad",
      "skip invariant-shift",
    ]);
    expect(checks.find(({ outcome }) => outcome === "skip")!.next).toBe("Not judged: not here.");
    expect(checks.filter(({ actual }) => actual === "the same bits")).toHaveLength(7);
  });

  it.each<[Fault, string[]]>([
    ["forgets", ["invariant-chunk", "invariant-chunk", "invariant-cache"]],
    ["peeks", ["invariant-causal"]],
    ["mixes", ["invariant-batch"]],
    ["overflows", ["invariant-chunk"]],
  ])("an engine that %s fails %j", async (fault, codes) => {
    expect(told(await engineChecks(engine(fault), options), "fail")).toEqual(codes);
  });

  it("another order of sums each time is a warning", async () => {
    const checks = await engineChecks(engine("wavers"), options);
    expect(told(checks, "warn")).toEqual(["invariant-repeat"]);
  });

  it("an answer of another form is never a verdict", async () => {
    const checks = await engineChecks(engine("nonsense"), options);
    expect(checks.map(({ outcome }) => outcome)).toEqual(["skip"]);
  });
});
