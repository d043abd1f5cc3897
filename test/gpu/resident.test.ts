/** A thousand tokens on WebGPU take no more memory than the cache they fill, also within a token. */
import { describe, expect, it } from "vitest";
import type { GpuJs } from "../../kernels/gpujs/index.ts";
import { Buffers, opened, REQUIRED, titled } from "../support/gpu.ts";
import { model } from "../support/models.ts";
import { greedy } from "../support/tiny.ts";

/** Bytes of the model's matrices as int8, three to a float32 with a scale for each group, and of keys and values. */
function expected(rows: number): { weights: number; cache: number } {
  const { layers, channels: C, heads, keyHeads, headSize, feedForward: F, vocabulary: V } = model("tiny").config;
  const matrix = (O: number, I: number) => 4 * O * (Math.ceil(I / 3) + 1); // 80 and 108 inputs are one group each
  const [HD, KD] = [heads * headSize, keyHeads * headSize];
  const layer = matrix(HD, C) + 2 * matrix(KD, C) + matrix(C, HD) + 2 * matrix(F, C) + matrix(C, F);
  return { weights: layers * layer + matrix(V, C), cache: layers * 2 * rows * KD * 4 };
}

const backend = await opened("webgpu", { weights: "int8" });

describe.skipIf(typeof backend === "string" && !REQUIRED)(titled("on WebGPU", backend), () => {
  it("1,000 tokens: what is on the device grows only with the cache, and kernels by the steps of its room", async () => {
    const ops = backend as GpuJs;
    const buffers = await Buffers.watch();
    const sizes: number[] = [];
    const counts: number[] = [];
    const most: number[] = []; // within each token, as a share of the weights and the cache
    await greedy(ops, 1001, () => {
      sizes.push(buffers.bytes);
      counts.push(buffers.living.size);
      most.push(buffers.peak / (ops.bytes.weights + ops.bytes.cache));
      buffers.peak = 0;
    });
    const { length } = model("tiny").ids;
    for (const room of [128, 256, 512, 1024]) {
      const [from, to] = [room / 2 - length + 2, Math.min(room - length, 1000)];
      expect(sizes[to], `bytes with room for ${room}`).toBe(sizes[from]);
      expect(counts[to], `buffers with room for ${room}`).toBe(counts[from]);
    }
    const { weights, cache } = ops.bytes;
    expect({ weights, cache }).toEqual(expected(length + 1001)); // room doubles up to what was asked for
    expect(sizes.at(-1)! / (weights + cache)).toBeLessThan(1.05); // 1.01
    expect(Math.max(...most)).toBeLessThan(1.45); // 1.25 with the prompt of 11 tokens, 1.14 at the last of one
    buffers.stop();
    ops.close();
  });
});
