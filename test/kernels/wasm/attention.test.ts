/** Attention over more positions than one softmax has: shared between threads by spans, and near the reference. */
import { afterAll, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { QWQ_32B } from "../../../src/config.ts";
import type { CacheFormat, Ops } from "../../../src/ops.ts";
import { reference } from "../../../src/reference/index.ts";
import { host, type Host } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const D = 16;
const S = 600;
const backends = await Promise.all([1, 2, 3, 4].map((threads) => wasmBackend({ threads })));
afterAll(() => backends.forEach((ops) => ops.close()));

/** Query heads, key heads: a group of more than eight is attended to in parts. */
const CASES: readonly (readonly [number, number, CacheFormat])[] = [
  [7, 1, "f32"],
  [4, 2, "bf16"],
  [3, 3, "int8"],
  [12, 1, "f32"],
];

/** The attention of the last tokens, fed in such chunks. */
async function last(ops: Ops, [H, K, format]: (typeof CASES)[number], chunks: readonly number[]): Promise<number[]> {
  const [layer] = ops.cache({ ...QWQ_32B, layers: 1, keyHeads: K, headSize: D }, S, format);
  const q = host<"T HD">(
    [S, H * D],
    drawn(S * H * D, 1).map((x) => 2 * x),
  );
  const [k, v] = [2, 3].map((seed) => host<"T KD">([S, K * D], drawn(S * K * D, seed))) as [Host<"T KD">, Host<"T KD">];
  let all: number[] = [];
  let first = 0;
  for (const T of chunks) {
    const { keys, values } = layer!.append(ops.rows(k, first, T), ops.rows(v, first, T));
    if ((first += T) <= S - 5) continue;
    const { data } = await ops.download(ops.attention(ops.rows(q, first - T, T), keys, values, D));
    all = [...all, ...data.subarray(-5 * H * D)].slice(-5 * H * D);
  }
  return all;
}

it.each(CASES)(
  "%i heads over %i in %s: the same bits at once, in chunks, and on 1 to 4 threads; near the reference",
  async (...shape) => {
    const whole = await last(backends[0]!, shape, [S]);
    for (const ops of backends) {
      expect(await last(ops, shape, [260, S - 265, 1, 3, 1]), `${ops.threads} threads`).toEqual(whole);
    }
    const exact = await last(reference, shape, [S - 5, 5]);
    // 4 u max |v|, and twice what 4 u sum |q k| / sqrt D does to scores: |v| <= 1, |q k| <= 2
    const bound = 4 * 2 ** -24 * (1 + 2 * ((2 * D) / Math.sqrt(D)));
    whole.forEach((value, i) => expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(bound));
  },
);

it("NaN among keys is seen in what looks at it, and in nothing before", async () => {
  const [ops] = backends;
  const k = drawn(4 * D, 2);
  k[2 * D] = NaN;
  const [q, v] = [host<"T HD">([4, D], drawn(4 * D, 1)), host<"S KD">([4, D], drawn(4 * D, 3))];
  const { data } = await ops!.download(ops!.attention(q, host<"S KD">([4, D], k), v, D));
  expect(data.findIndex(Number.isNaN)).toBe(2 * D);
  expect(data.subarray(2 * D).every(Number.isNaN)).toBe(true);
});
