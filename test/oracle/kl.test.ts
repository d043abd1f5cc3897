import { expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { klOf } from "../../src/oracle/kl.ts";
import { host } from "../../src/tensor.ts";
import { codeOf } from "../support/codes.ts";
import { type BundleOptions, bundleOf, recorded, type Values } from "../support/engine.ts";

const T = 11;
const V = 544;

/** Logits of which only the first few of each row are not far below. */
function logits(row: readonly number[]): Values {
  const data = new Float32Array(T * V).fill(-1000);
  for (let t = 0; t < T; t++) data.set(row, t * V);
  return new Map([["logits", host([T, V], data)]]);
}

function kl(a: Values, b: Values, head: BundleOptions = {}) {
  const [x, y] = [openBundle(bundleOf("tiny", a)), openBundle(bundleOf("tiny", b, head))];
  try {
    return klOf(x, y);
  } finally {
    x.close();
    y.close();
  }
}

function kl2(a: Values, b: Values, ids: number[]) {
  const [x, y] = [a, b].map((values) => openBundle(bundleOf("tiny", values, { input: { ids } })));
  try {
    return klOf(x!, y!);
  } finally {
    x!.close();
    y!.close();
  }
}

const [p, q] = [
  [0.5, 0.25, 0.25],
  [0.25, 0.25, 0.5],
];

it("is the sum by hand, both ways, and names flips", () => {
  const report = kl(logits(p.map(Math.log)), logits(q.map(Math.log)));
  const forward = 0.5 * Math.log(2) - 0.25 * Math.log(2);
  expect(report.mean.forward).toBeCloseTo(forward, 7);
  expect(report.mean.backward).toBeCloseTo(forward, 7);
  expect(report).toMatchObject({ flips: T, ties: 0 });
  expect(report.rows).toHaveLength(T);
});

it("perplexity is e to the mean of -ln p over the prompt's own tokens, and none after the last", () => {
  const first = (x: number) => logits([Math.log(x), Math.log(1 - x)]);
  const ids = Array.from({ length: T }, () => 0);
  const report = kl2(first(0.5), first(0.25), ids);
  expect(report.perplexity!.reference).toBeCloseTo(2, 6);
  expect(report.perplexity!.candidate).toBeCloseTo(4, 6);
  expect(report.perplexity!.tokens).toBe(T - 1);
  expect(kl(recorded("tiny"), recorded("tiny"), { rows: [T - 1] }).perplexity).toBeNull();
});

it("refuses logits that are not finite, and says where", () => {
  const broken = logits([1, 2]);
  broken.get("logits")!.data[3 * V + 7] = NaN;
  expect(() => kl(logits([1, 2]), broken)).toThrow(
    "logits: expected finite values, got NaN at position 3, column 7 (logits). The engine overflows there, or before.",
  );
  expect(codeOf(() => kl(logits([1, 2]), broken))).toBe("E_NOT_FINITE");
});

it("is zero of the same, with everything in common", () => {
  expect(kl(recorded("tiny"), recorded("tiny"))).toMatchObject({
    mean: { forward: 0, backward: 0, jaccard: 1 },
    flips: 0,
    ties: 0,
  });
});

it("of Hugging Face's bfloat16 beside its float32 is small, and counts no flip that is a tie", () => {
  const report = kl(recorded("tiny"), recorded("tiny", "bf16"), { policy: "bf16-hf-eager" });
  expect(report.mean.forward).toBeGreaterThan(0);
  expect(report.mean.forward).toBeLessThan(1e-3);
  expect(report.flips).toBe(0);
});

it("takes a flip between two that are nearer than the noise for a tie", () => {
  const near = [1, 1 - 1e-9].map((x) => x);
  const report = kl(logits([1 + 2 ** -23, 1, 0]), logits([near[1]!, 1 + 2 ** -23, 0]));
  expect(report).toMatchObject({ flips: 0, ties: T });
});

it("shares a third of the candidates where five of ten are the same: 5 / 15", () => {
  const first = Array.from({ length: 15 }, (_, i) => (i < 10 ? 10 - i : -50));
  const other = Array.from({ length: 15 }, (_, i) => (i >= 5 ? 20 - i : -50));
  expect(kl(logits(first), logits(other)).mean.jaccard).toBeCloseTo(1 / 3, 12);
});

it("refuses bundles without logits in common, or of another prompt", () => {
  const all = recorded("tiny");
  expect(codeOf(() => kl(all, all, { want: (name) => name !== "logits" }))).toBe("E_CMP_MISSING");
  expect(codeOf(() => kl(all, all, { input: { ids: [1] }, rows: [0] }))).toBe("E_PROV_IDS");
  expect(kl(all, all, { rows: [4] }).rows.map(({ row }) => row)).toEqual([4]);
});
