import { afterAll, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { QWQ_32B } from "../../../src/config.ts";
import type { CacheFormat, Ops } from "../../../src/ops.ts";
import { cache as referenceCache } from "../../../src/reference/cache.ts";
import { host, type Host } from "../../../src/tensor.ts";

const D = 8;
const config = { ...QWQ_32B, layers: 1, keyHeads: 2, headSize: D };
const backends = await Promise.all([1, 2, 3].map((threads) => wasmBackend({ threads })));
afterAll(() => backends.forEach((ops) => ops.close()));

/** T rows of that many values, other ones for each seed. */
function drawn<A extends string>(T: number, width: number, seed: number): Host<A> {
  const values = Float32Array.from({ length: T * width }, (_, i) => Math.sin(seed + i * 1.7) * Math.exp(i % 5));
  return host<A>([T, width], values);
}

const FORMATS: readonly CacheFormat[] = ["f32", "bf16", "int8"];
/** Chunks that end before, at and after the ends of blocks of 64. */
const CHUNKS = [1, 62, 1, 1, 64, 30];

it.each(FORMATS)("a cache in %s keeps the reference's values to the bit, through truncation too", async (format) => {
  const [ours] = backends[0]!.cache(config, 1000, format);
  const [theirs] = referenceCache(config, 1000, format);
  for (const [i, T] of CHUNKS.entries()) {
    const [k, v] = [drawn<"T KD">(T, 2 * D, i), drawn<"T KD">(T, 2 * D, i + 100)];
    const [a, b] = [ours!.append(k, v), theirs!.append(k, v)];
    for (const which of ["keys", "values"] as const) {
      expect((await backends[0]!.download(a[which])).data).toEqual((b[which] as Host<"S KD">).data);
    }
    if (i !== 4) continue;
    ours!.truncate(65);
    theirs!.truncate(65);
  }
});

/** Attention of 100 tokens, fed in chunks to a cache. */
async function attended(ops: Ops, format: CacheFormat, chunks: readonly number[]): Promise<number[]> {
  const [layer] = ops.cache(config, 100, format);
  const [q, k, v] = [drawn<"T HD">(100, 6 * D, 1), drawn<"T KD">(100, 2 * D, 2), drawn<"T KD">(100, 2 * D, 3)];
  const all: number[] = [];
  for (let first = 0, i = 0; first < 100; first += chunks[i++]!) {
    const { keys, values } = layer!.append(ops.rows(k, first, chunks[i]!), ops.rows(v, first, chunks[i]!));
    all.push(...(await ops.download(ops.attention(ops.rows(q, first, chunks[i]!), keys, values, D))).data);
  }
  return all;
}

it.each(FORMATS)(
  "attention over a cache in %s has the same bits in chunks and on 1, 2 and 3 threads",
  async (format) => {
    const whole = await attended(backends[0]!, format, [100]);
    expect(whole.every(Number.isFinite)).toBe(true);
    for (const ops of backends) expect(await attended(ops, format, [1, 62, 1, 1, 35])).toEqual(whole);
  },
);

it("a cache refuses a token past its capacity", () => {
  const [layer] = backends[0]!.cache(config, 2);
  const rows = drawn<"T KD">(3, 2 * D, 1);
  expect(() => layer!.append(rows, rows)).toThrow("cache: expected at most 2 tokens, got 3.");
});
