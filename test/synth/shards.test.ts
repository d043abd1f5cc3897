import { describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { expectedWeights } from "../../src/files/names.ts";
import { SHARD_BYTES } from "../../src/files/shards-write.ts";
import { layoutOf, shardsOf, tensorsOf } from "../../src/synth/shards.ts";
import { SMALL, SMALL_LLAMA } from "../support/checkpoints.ts";

describe("tensorsOf and shardsOf", () => {
  it("QwQ-32B has 771 tensors of 65,527,752,704 bytes in 14 shards of at most 5 GB", () => {
    const tensors = tensorsOf(QWQ_32B, "BF16");
    const shards = shardsOf(tensors, SHARD_BYTES);
    const bytes = shards.map((shard) => shard.tensors.reduce((sum, tensor) => sum + tensor.bytes.length, 0));
    expect(tensors).toHaveLength(771);
    expect(bytes.reduce((a, b) => a + b)).toBe(65_527_752_704);
    expect(shards).toHaveLength(14);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(5e9);
    expect(shards[0]!.file).toBe("model-00001-of-00014.safetensors");
    expect(shards.flatMap((shard) => shard.tensors)).toEqual(tensors);
  });

  it.each([QWQ_32B, SMALL, SMALL_LLAMA])("are those that a checkpoint must have", (config) => {
    const shapes = (all: readonly { name: string; shape: readonly number[] }[]) =>
      Object.fromEntries(all.map(({ name, shape }) => [name, shape]));
    expect(shapes(tensorsOf(config, "F32"))).toEqual(shapes(expectedWeights(config, "safetensors")));
  });

  it("stand in the order of Hugging Face's modules, a bias after its weight", () => {
    expect(
      tensorsOf(SMALL, "BF16")
        .slice(0, 4)
        .map(({ name }) => name),
    ).toEqual([
      "model.embed_tokens.weight",
      "model.layers.0.self_attn.q_proj.weight",
      "model.layers.0.self_attn.q_proj.bias",
      "model.layers.0.self_attn.k_proj.weight",
    ]);
  });

  it("a tensor larger than a shard is alone in one; what fits into one is model.safetensors", () => {
    const tensors = tensorsOf(SMALL, "F32");
    expect(shardsOf(tensors, 1).map((shard) => shard.tensors.length)).toEqual(tensors.map(() => 1));
    expect(shardsOf(tensors, 1e9).map(({ file }) => file)).toEqual(["model.safetensors"]);
  });

  it("a header names the seed, so that shards of two seeds are told apart", () => {
    const shard = shardsOf(tensorsOf(SMALL, "F32"), 1e9)[0]!;
    const head = (seed: bigint) => Buffer.from(layoutOf(shard, seed).head).toString();
    expect(head(1n)).toContain('"__metadata__":{"format":"pt","synth":"threefry2x32-20, seed 1"}');
    expect(head(1n)).not.toBe(head(2n));
  });
});
