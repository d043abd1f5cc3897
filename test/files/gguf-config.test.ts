import { describe, expect, it } from "vitest";
import { readGguf } from "../../src/files/gguf.ts";
import { ggufConfig, ggufGeneration } from "../../src/files/gguf-config.ts";
import { codeOf } from "../support/codes.ts";
import { ggufModel, ggufPairs, SMALL, SMALL_LLAMA } from "../support/checkpoints.ts";
import { inMemory, type Pair } from "../support/gguf.ts";

const EPS = Math.fround(1e-5); // GGUF keeps it as a float32

/** A small llama model's file with metadata changed, added or (undefined) left out. */
function read(changes: Record<string, Omit<Pair, "key"> | undefined> = {}, config = SMALL_LLAMA) {
  const pairs = new Map(ggufPairs(config).map((pair) => [pair.key as string, pair]));
  for (const [key, pair] of Object.entries(changes)) {
    if (pair === undefined) pairs.delete(key);
    else pairs.set(key, { key, ...pair });
  }
  return readGguf(inMemory(ggufModel(config, [...pairs.values()])));
}

const u32 = (value: number) => ({ type: "uint32", value }) as const;
const f32 = (value: number) => ({ type: "float32", value }) as const;
const text = (value: string) => ({ type: "string", value }) as const;

describe("ggufConfig", () => {
  it("reads llama and qwen2, tied where there is no unembedding", () => {
    expect(ggufConfig(read())).toEqual({ ...SMALL_LLAMA, eps: EPS });
    expect(ggufConfig(read({}, SMALL))).toEqual({ ...SMALL, eps: EPS });
  });

  it("takes what is left out from where it must be: rows, heads, base", () => {
    const left = { "llama.attention.head_count_kv": undefined, "llama.rope.freq_base": undefined };
    const config = ggufConfig(read(left));
    expect([config.keyHeads, config.rope.theta, config.vocabulary]).toEqual([4, 10_000, 48]);
    expect(ggufConfig(read({ "llama.vocab_size": u32(50) })).vocabulary).toBe(50);
    const sizes = { "llama.attention.key_length": u32(16), "llama.rope.dimension_count": u32(16) };
    expect(ggufConfig(read(sizes)).headSize).toBe(16);
  });

  it("reads YaRN, whose attention factor multiplies in GGUF", () => {
    const yarn = {
      "llama.rope.scaling.type": text("yarn"),
      "llama.rope.scaling.factor": f32(4),
      "llama.rope.scaling.original_context_length": u32(64),
    };
    const attention = 0.1 * Math.log(4) + 1;
    const expected = { factor: 4, original: 64, attention, fast: 32, slow: 1, truncate: true };
    expect(ggufConfig(read(yarn)).rope.yarn).toEqual(expected);
    const half = { ...yarn, "llama.rope.scaling.attn_factor": f32(0.5) };
    expect(ggufConfig(read(half)).rope.yarn!.attention).toBe(attention / 2);
  });
});

it.each<[string, Record<string, Omit<Pair, "key"> | undefined>, string]>([
  ["another model", { "general.architecture": text("gemma") }, "E_CFG_ARCH"],
  ["no model named", { "general.architecture": undefined }, "E_CFG_ARCH"],
  ["no layers named", { "llama.block_count": undefined }, "E_CFG_RANGE"],
  ["1e9 layers", { "llama.block_count": u32(1_000_000_000) }, "E_CFG_RANGE"],
  ["layers as text", { "llama.block_count": text("2") }, "E_CFG_RANGE"],
  [
    "a list of heads",
    { "llama.attention.head_count": { type: "array", element: "uint32", value: [4, 4] } },
    "E_CFG_RANGE",
  ],
  ["half a head", { "llama.attention.head_count": f32(4.5) }, "E_CFG_RANGE"],
  ["eps 0", { "llama.attention.layer_norm_rms_epsilon": f32(0) }, "E_CFG_RANGE"],
  ["no eps", { "llama.attention.layer_norm_rms_epsilon": undefined }, "E_CFG_RANGE"],
  ["theta NaN", { "llama.rope.freq_base": f32(NaN) }, "E_CFG_RANGE"],
  ["heads that do not divide the channels", { "llama.attention.head_count": u32(5) }, "E_CFG_DIMS"],
  ["key heads that do not divide the heads", { "llama.attention.head_count_kv": u32(3) }, "E_CFG_DIMS"],
  ["RoPE over half of the head", { "llama.rope.dimension_count": u32(4) }, "E_CFG_DIMS"],
  ["values of another size", { "llama.attention.value_length": u32(16) }, "E_CFG_DIMS"],
  ["experts", { "llama.expert_count": u32(8) }, "E_CFG_UNSUPPORTED"],
  ["a sliding window", { "llama.attention.sliding_window": u32(4096) }, "E_CFG_UNSUPPORTED"],
  ["linear scaling", { "llama.rope.scaling.type": text("linear"), "llama.rope.scaling.factor": f32(2) }, "E_CFG_ROPE"],
  [
    "YaRN over a theta of 1, whose logarithm is 0",
    {
      "llama.rope.freq_base": f32(1),
      "llama.rope.scaling.type": text("yarn"),
      "llama.rope.scaling.factor": f32(4),
    },
    "E_CFG_ROPE",
  ],
  ["YaRN without a factor", { "llama.rope.scaling.type": text("yarn") }, "E_CFG_ROPE"],
])("%s", (_, changes, code) => expect(codeOf(() => ggufConfig(read(changes)))).toBe(code));

describe("ggufGeneration", () => {
  it("a reply ends at the end of the sequence or of the turn", () => {
    const ids = { "tokenizer.ggml.eot_token_id": u32(2), "tokenizer.ggml.bos_token_id": u32(3) };
    expect(ggufGeneration(read(ids), 48)).toMatchObject({
      stop: [1, 2],
      bos: 3,
      pad: undefined,
      temperature: undefined,
    });
    expect(ggufGeneration(read({ "tokenizer.ggml.eot_token_id": u32(1) }), 48).stop).toEqual([1]);
    expect(ggufGeneration(read({ "tokenizer.ggml.eos_token_id": undefined }), 48).stop).toEqual([]);
  });

  it.each([u32(48), { type: "int32", value: -1 } as const, text("1")])("an id that is no row: %o", (id) => {
    const file = read({ "tokenizer.ggml.eos_token_id": id });
    expect(codeOf(() => ggufGeneration(file, 48))).toBe("E_CFG_TOKEN_ID");
  });
});
