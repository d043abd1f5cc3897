/** What is on the GPU, and what happens when it fails: buffers are counted by wrapping createBuffer. */
import { afterAll, describe, expect, it } from "vitest";
import { openDevice } from "../../../kernels/gpujs/adapter.ts";
import { slice } from "../../../kernels/gpujs/elementwise.ts";
import { type GpuJs, gpujsBackend } from "../../../kernels/gpujs/index.ts";
import { Buffers, opened, REQUIRED, titled } from "../../support/gpu.ts";
import { model } from "../../support/models.ts";
import { greedy } from "../../support/tiny.ts";

const backend = await opened("webgpu", { weights: "int8" });
if (typeof backend !== "string") backend.close();

describe.skipIf(typeof backend === "string" && !REQUIRED)(titled("on WebGPU", backend), () => {
  let open: GpuJs | undefined;
  afterAll(() => open?.close());
  const start = async () => (open = await gpujsBackend({ mode: "webgpu", weights: "int8" }));

  it("weights are brought once, each token brings its state and two tables, and reads its logits alone", async () => {
    const ops = await start();
    const buffers = await Buffers.watch();
    const { config } = model("tiny");
    const at: [brought: number, read: number][] = [];
    await greedy(ops, 20, () => at.push([buffers.brought.length, buffers.readBack.length]));
    const matrices = 7 * config.layers + 1;
    const vectors = 5 * config.layers + 1;
    expect(ops.rounded.matrices).toBe(matrices);
    expect(at[0]).toEqual([2 * matrices + vectors + 3, 1]); // words and scales; embedded, cos and sin; logits
    for (let i = 1; i < 20; i++) expect(at[i]).toEqual([at[0]![0] + 3 * i, 1 + i]);
    const [C, V, D] = [4 * config.channels, 4 * config.vocabulary, 4 * config.headSize];
    expect(new Set(buffers.brought.slice(at[0]![0]))).toEqual(new Set([C, D / 2]));
    expect(new Set(buffers.readBack)).toEqual(new Set([V]));
    buffers.stop();
    ops.close();
  });

  it("a GPU that goes away while a reply is written is an error that says what to do, and a new backend works", async () => {
    const ops = await start();
    const { device } = await Buffers.watch();
    let tokens = 0;
    const run = greedy(ops, 20, () => {
      if (++tokens === 3) device.destroy();
    });
    await expect(run).rejects.toMatchObject({
      code: "E_GPU_LOST",
      message: expect.stringMatching(
        /^gpujs on .*: expected the GPU to stay, got its loss \(.*\)\. Run it again; if that happens again, take --backend wasm\.$/,
      ) as string,
    });
    expect(tokens).toBe(3);
    ops.close();
    const again = await start();
    expect(await greedy(again, 3)).toHaveLength(3);
    again.close();
  });

  it("a GPU without room for more is an error, and no result of zeros", async () => {
    const device = await openDevice("webgpu", 1);
    const length = 2 ** 28 - 1;
    const ones = device.upload("ones", 4, (into) => into.fill(1));
    // The GPU says later that there was no room. Without onuncapturederror in gpu-device.ts nobody hears of it: what is
    // written to such a part and read back is zeros, and this comes to its end.
    const fill = async () => {
      for (let i = 0; i < 64; i++) {
        const part = device.reserve(`part ${i}`, length);
        device.write(ones, part, 0);
        const first = await device.run({ text: slice, output: [4], constants: {} }, part, 0);
        expect(await device.read(first)).toEqual(Float32Array.of(1, 1, 1, 1));
      }
    };
    await expect(fill()).rejects.toMatchObject({
      code: "E_LIMIT_GPU",
      message: expect.stringMatching(
        /^gpujs on .*: expected memory for the model, got .*\. Give a smaller --context, a model of fewer bytes .*, or --backend wasm\.$/,
      ) as string,
    });
    device.close();
  });

  it("a matrix that no buffer can hold is refused before anything is brought, and the limit named", async () => {
    const device = await openDevice("webgpu", 1);
    expect(() => device.reserve("lm_head.weight", 2 ** 31)).toThrow(
      /^gpujs: expected at most [\d,]+ bytes in a buffer \(maxStorageBufferBindingSize\), got 8,589,934,592 \(lm_head\.weight\)\. Give --weights int8, or --backend wgsl or wasm\.$/,
    );
    device.close();
  });
});
