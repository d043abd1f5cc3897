import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { expectedWeights } from "../../src/files/names.ts";
import type { TensorInfo } from "../../src/files/source.ts";
import { checkTensors } from "../../src/files/tensors.ts";
import { codeOf } from "../support/codes.ts";
import { SMALL, SMALL_LLAMA } from "../support/checkpoints.ts";

const info = (name: string, shape: readonly number[]): TensorInfo => ({
  name,
  shape,
  format: "BF16",
  path: "model.safetensors",
  offset: 0,
  bytes: 0,
});

/** The tensors of a model, with some added, changed or (undefined) left out. */
function tensors(config: Config, changes: Record<string, readonly number[] | undefined> = {}) {
  const map = new Map(expectedWeights(config, "safetensors").map(({ name, shape }) => [name, info(name, shape)]));
  for (const [name, shape] of Object.entries(changes)) {
    if (shape === undefined) map.delete(name);
    else map.set(name, info(name, shape));
  }
  return map;
}

const TIED = { ...SMALL, tied: true };
const q = "model.layers.1.self_attn.q_proj";

describe("checkTensors", () => {
  it.each([SMALL, SMALL_LLAMA, TIED])("takes exactly the tensors of a model", (config) => {
    expect(codeOf(() => checkTensors(tensors(config), config, "safetensors", "model"))).toBe("nothing");
  });

  it.each<[string, Config, Record<string, readonly number[] | undefined>, string]>([
    ["a weight missing", SMALL, { [`${q}.weight`]: undefined }, "E_TENSOR_MISSING"],
    ["a bias missing", SMALL, { [`${q}.bias`]: undefined }, "E_TENSOR_MISSING"],
    ["biases where the config has none", SMALL_LLAMA, { [`${q}.bias`]: [32] }, "E_TENSOR_UNEXPECTED"],
    ["a bias of o", SMALL, { "model.layers.0.self_attn.o_proj.bias": [32] }, "E_TENSOR_UNEXPECTED"],
    ["RoPE's frequencies", SMALL, { "model.layers.0.self_attn.rotary_emb.inv_freq": [4] }, "E_TENSOR_UNEXPECTED"],
    ["a layer too many", SMALL, { "model.layers.2.input_layernorm.weight": [32] }, "E_TENSOR_UNEXPECTED"],
    ["a tensor called __proto__", SMALL, { ["__proto__"]: [1] }, "E_TENSOR_UNEXPECTED"],
    ["a matrix transposed", SMALL, { "model.layers.0.mlp.up_proj.weight": [32, 64] }, "E_SHAPE"],
    ["another number of key heads", SMALL, { "model.layers.0.self_attn.k_proj.weight": [32, 32] }, "E_SHAPE"],
    ["another vocabulary", SMALL, { "lm_head.weight": [47, 32] }, "E_SHAPE"],
    ["a scalar for a gain", SMALL, { "model.norm.weight": [] }, "E_SHAPE"],
    ["no rows", SMALL, { "model.embed_tokens.weight": [0, 32] }, "E_SHAPE"],
    ["an unembedding beside tied embeddings", TIED, { "lm_head.weight": [48, 32] }, "E_TIE"],
    ["no unembedding", SMALL, { "lm_head.weight": undefined }, "E_TIE"],
  ])("%s", (_, config, changes, code) => {
    expect(codeOf(() => checkTensors(tensors(config, changes), config, "safetensors", "model"))).toBe(code);
  });

  it("names all that is missing, and both shapes", () => {
    const two = tensors(SMALL, { [`${q}.weight`]: undefined, [`${q}.bias`]: undefined });
    expect(() => checkTensors(two, SMALL, "safetensors", "model")).toThrow(
      `model: expected 27 tensors, got none called "${q}.weight", "${q}.bias". The download is incomplete, or config.json is another model's.`,
    );
    const wrong = tensors(SMALL, { [`${q}.weight`]: [64, 32] });
    expect(() => checkTensors(wrong, SMALL, "safetensors", "model")).toThrow(
      `model.safetensors: expected [32 32], got [64 32] (${q}.weight). The weights and the config are of different models.`,
    );
  });
});
