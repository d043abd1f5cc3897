/** A thousand tokens on WebGPU take no more memory than the cache they fill. */
import { describe, expect, it } from "vitest";
import type { GpuJs } from "../../kernels/gpujs/index.ts";
import { Buffers, opened, REQUIRED, titled } from "../support/gpu.ts";
import { model } from "../support/models.ts";
import { greedy } from "../support/tiny.ts";

const backend = await opened("webgpu", { weights: "int8" });

describe.skipIf(typeof backend === "string" && !REQUIRED)(titled("on WebGPU", backend), () => {
  it("1,000 tokens: what is on the device grows only with the cache, and kernels by the steps of its room", async () => {
    const ops = backend as GpuJs;
    const buffers = await Buffers.watch();
    const sizes: number[] = [];
    const counts: number[] = [];
    await greedy(ops, 1001, () => {
      sizes.push(buffers.bytes);
      counts.push(buffers.living.size);
    });
    const { length } = model("tiny").ids;
    for (const room of [128, 256, 512, 1024]) {
      const [from, to] = [room / 2 - length + 2, Math.min(room - length, 1000)];
      expect(sizes[to], `bytes with room for ${room}`).toBe(sizes[from]);
      expect(counts[to], `buffers with room for ${room}`).toBe(counts[from]);
    }
    buffers.stop();
    ops.close();
  });
});
