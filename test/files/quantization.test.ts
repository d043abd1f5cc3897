import { describe, expect, it } from "vitest";
import { as } from "../../src/json/fields.ts";
import { readJson } from "../../src/json/json.ts";
import { readQuantization } from "../../src/files/quantization.ts";
import { codeOf } from "../support/codes.ts";

type Fields = Record<string, unknown>;
const read = (quantization_config: unknown) =>
  readQuantization(
    as(readJson(JSON.stringify({ quantization_config }), "config.json"), "object", "", "config.json"),
    "config.json",
  );

/** As the releases of Qwen/QwQ-32B-Preview in AWQ have it. */
const AWQ: Fields = {
  bits: 4,
  group_size: 128,
  modules_to_not_convert: null,
  quant_method: "awq",
  version: "gemm",
  zero_point: true,
};
const GPTQ: Fields = { bits: 4, desc_act: false, group_size: 128, quant_method: "gptq", sym: true };
const BNB: Fields = { load_in_8bit: true, load_in_4bit: false, llm_int8_threshold: 6.0, quant_method: "bitsandbytes" };
const WEIGHTS: Fields = { num_bits: 8, type: "int", symmetric: true, strategy: "channel", dynamic: false };
const compressed = (weights: Fields = {}, group: Fields = {}, fields: Fields = {}): Fields => ({
  quant_method: "compressed-tensors",
  format: "pack-quantized",
  config_groups: { group_0: { targets: ["Linear"], weights: { ...WEIGHTS, ...weights }, ...group } },
  ignore: ["lm_head"],
  ...fields,
});

describe("readQuantization", () => {
  it.each<[string, unknown, unknown]>([
    ["no quantization_config", undefined, undefined],
    ["null", null, undefined],
    ["AWQ", AWQ, { kind: "awq", bits: 4, group: 128 }],
    ["GPTQ int4", GPTQ, { kind: "gptq", bits: 4, group: 128 }],
    ["GPTQ int8, one group", { ...GPTQ, bits: 8, group_size: -1 }, { kind: "gptq", bits: 8, group: undefined }],
    [
      "GPTQ as GPTQModel writes it",
      { ...GPTQ, checkpoint_format: "gptq", pack_dtype: "int32", lm_head: false, dynamic: null },
      { kind: "gptq", bits: 4, group: 128 },
    ],
    ["LLM.int8", BNB, { kind: "llm-int8" }],
    ["W8A16", compressed(), { kind: "compressed", bits: 8, group: undefined, packed: true }],
    [
      "W4A16",
      compressed({ num_bits: 4, strategy: "group", group_size: 128 }),
      { kind: "compressed", bits: 4, group: 128, packed: true },
    ],
    [
      "int-quantized",
      compressed({}, {}, { format: "int-quantized" }),
      { kind: "compressed", bits: 8, group: undefined, packed: false },
    ],
  ])("reads %s", (_, fields, packing) => expect(read(fields)?.packing).toEqual(packing));

  it.each<[string, unknown]>([
    ["torchao", { quant_method: "torchao" }],
    ["fp8", { quant_method: "fp8" }],
    ["no method", {}],
    ["AWQ for another kernel", { ...AWQ, version: "gemv" }],
    ["AWQ without zero points", { ...AWQ, zero_point: false }],
    ["AWQ of 8 bits", { ...AWQ, bits: 8 }],
    ["GPTQ of 3 bits", { ...GPTQ, bits: 3 }],
    ["GPTQ's second format", { ...GPTQ, checkpoint_format: "gptq_v2" }],
    ["GPTQ for Marlin", { ...GPTQ, is_marlin_format: true }],
    ["GPTQ with a packed lm_head", { ...GPTQ, lm_head: true }],
    ["GPTQ with rules of its own for some layers", { ...GPTQ, dynamic: { "-:.*down.*": {} } }],
    ["groups of 0", { ...GPTQ, group_size: 0 }],
    ["bitsandbytes of 4 bits", { ...BNB, load_in_8bit: false, load_in_4bit: true }],
    ["asymmetric weights", compressed({ symmetric: false })],
    ["float8 weights", compressed({ type: "float" })],
    ["weights in another order", compressed({ strategy: "group", group_size: 32, actorder: "group" })],
    ["one scale for a tensor", compressed({ strategy: "tensor" })],
    ["int-quantized of 4 bits", compressed({ num_bits: 4 }, {}, { format: "int-quantized" })],
    ["float-quantized", compressed({}, {}, { format: "float-quantized" })],
    ["a quantised cache", compressed({}, {}, { kv_cache_scheme: { num_bits: 8 } })],
    ["rotated weights", compressed({}, {}, { transform_config: { config_groups: {} } })],
    ["sparse weights", compressed({}, {}, { sparsity_config: { format: "sparse-bitmask" } })],
    ["two groups of layers", compressed({}, {}, { config_groups: { a: {}, b: {} } })],
    ["quantised outputs", compressed({}, { output_activations: { num_bits: 8 } })],
  ])("refuses %s by name: E_CFG_UNSUPPORTED", (_, fields) =>
    expect(codeOf(() => read(fields))).toBe("E_CFG_UNSUPPORTED"),
  );

  it.each<[string, unknown]>([
    ["a string", "awq"],
    ["no bits", { ...GPTQ, bits: undefined }],
    ["a group size that is no integer", { ...AWQ, group_size: 128.5 }],
    ["no config_groups", compressed({}, {}, { config_groups: undefined })],
    ["weights that are no object", compressed({}, { weights: [] })],
  ])("refuses %s: E_CFG_RANGE", (_, fields) => expect(codeOf(() => read(fields))).toBe("E_CFG_RANGE"));

  it("says where activations are rounded by the format's own library and not here", () => {
    const w8a8 = compressed({}, { input_activations: { num_bits: 8, dynamic: true } }, { format: "int-quantized" });
    for (const fields of [BNB, w8a8])
      expect(read(fields)!.warnings).toEqual([expect.stringContaining("W_ACTIVATIONS")]);
    for (const fields of [AWQ, GPTQ, compressed()]) expect(read(fields)!.warnings).toEqual([]);
  });

  it("says what was expected, what came, and what to do", () =>
    expect(() => read({ quant_method: "torchao" })).toThrow(
      'config.json: expected "quant_method" in "quantization_config" to be "awq", "gptq", "bitsandbytes" or "compressed-tensors", got "torchao". Other quantised checkpoints are not read here; get the model in one of these, in BF16, or as GGUF.',
    ));
});
