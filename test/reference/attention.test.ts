import { expect, it } from "vitest";
import { attention } from "../../src/reference/attention.ts";
import { zeros } from "../../src/tensor.ts";
import { eachBackend } from "../support/backends.ts";
import { cases, golden } from "../support/golden.ts";
import { norm, ulp, within } from "../support/within.ts";

const file = golden("ops/attention");

const inputs = (name: string) => ({
  q: file.tensor<"T HD">(`${name}.q`),
  k: file.tensor<"S KD">(`${name}.k`),
  v: file.tensor<"S KD">(`${name}.v`),
  D: file.values(`${name}.D`)[0]!,
});

/**
 * The weights of a row sum to one, so sum |p v| is at most the largest |v| of the channel. With `scores` 1, scores are
 * float32 sums: one that is off by d has e^d of its weight, above and below the line, which adds 2 sum |q k| / sqrt D.
 */
function magnitudes(name: string, scores: 0 | 1): Float64Array {
  const { q, k, v, D } = inputs(name);
  const [HD, KD, S] = [q.shape[1]!, v.shape[1]!, v.shape[0]!];
  return Float64Array.from(q.data, (_, i) => {
    const head = Math.floor((i % HD) / D / (HD / KD)) * D;
    const query = i - (i % D);
    let [value, score] = [0, 0];
    for (let s = 0; s < S; s++) {
      value = Math.max(value, Math.abs(v.data[s * KD + head + (i % D)]!));
      let sum = 0;
      for (let d = 0; d < D; d++) sum += Math.abs(q.data[query + d]! * k.data[s * KD + head + d]!);
      score = Math.max(score, sum / Math.sqrt(D));
    }
    return value * (1 + 2 * scores * score);
  });
}

eachBackend("attention is within c u max |v| of float64, and what float32 scores add", ({ ops, c, scores }) => {
  it.each(cases(file))("%s", async (name) => {
    const { q, k, v, D } = inputs(name);
    const a = await ops.download(ops.attention(ops.upload(q), ops.upload(k), ops.upload(v), D));
    within(name, a.data, file.values(`${name}.y.f64`), norm(c, magnitudes(name, scores)), a.shape);
  });
});

it.each(cases(file))("the reference's attention is within 1 ulp of float64: %s", (name) => {
  const { q, k, v, D } = inputs(name);
  within(name, attention(q, k, v, D).data, file.values(`${name}.y.f64`), ulp(1), q.shape);
});

it("the first token's attention is its own value, to the bit: nothing else is seen", () => {
  const { q, k, v, D } = inputs("prompt");
  const a = attention(q, k, v, D).data.subarray(0, 80);
  const repeated = Float32Array.from(a, (_, i) => v.data[Math.floor(i / 40) * 8 + (i % 8)]!);
  expect(a).toEqual(repeated);
});

it("attention refuses more queries than tokens, and heads that do not divide", () => {
  const message = /attention: expected q \[T HD\], keys and values \[S KD\] with S >= T and whole heads of 4, got/;
  expect(() => attention(zeros(3, 8), zeros(2, 4), zeros(2, 4), 4)).toThrow(message);
  expect(() => attention(zeros(1, 12), zeros(1, 8), zeros(1, 8), 4)).toThrow(message);
});
