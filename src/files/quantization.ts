/**
 * config.json's quantization_config: how the seven matrices of each layer are packed. What it does not know it refuses
 * by name; nothing that changes a result is skipped in silence.
 */
import { FormatError } from "../errors.ts";
import { as, describe, field, optional } from "../json/fields.ts";
import type { Json, JsonObject } from "../json/json.ts";

/** A packing, and how many inputs share a scale; `undefined` where a whole row does. */
export type Packing =
  | { readonly kind: "awq"; readonly bits: 4; readonly group: number | undefined }
  | { readonly kind: "gptq"; readonly bits: 4 | 8; readonly group: number | undefined }
  | { readonly kind: "llm-int8" }
  | { readonly kind: "compressed"; readonly bits: 4 | 8; readonly group: number | undefined; readonly packed: boolean };

/** What quantization_config says, and what the reader should be told. */
export interface Quantization {
  readonly packing: Packing;
  readonly warnings: readonly string[];
}

const INSIDE = "quantization_config";
const METHODS = '"awq", "gptq", "bitsandbytes" or "compressed-tensors"';

/**
 * Reads quantization_config, if there is one.
 *
 * throws   FormatError E_CFG_UNSUPPORTED for a method or a variant that is not read here; E_CFG_RANGE for a field that
 *          is absent or of another kind
 * source   transformers 5.23: utils/quantization_config.py; AutoGPTQ: BaseQuantizeConfig; AutoAWQ: AwqConfig;
 *          compressed-tensors 0.20: QuantizationConfig, QuantizationArgs
 */
export function readQuantization(config: JsonObject, path: string): Quantization | undefined {
  const fields = optional(config, INSIDE, "object", { path, code: "E_CFG_RANGE" });
  if (fields === undefined) return undefined;
  const method = fields.get("quant_method");
  switch (method) {
    case "awq":
      return { packing: readAwq(fields, path), warnings: [] };
    case "gptq":
      return { packing: readGptq(fields, path), warnings: [] };
    case "bitsandbytes":
      return readBitsAndBytes(fields, path);
    case "compressed-tensors":
      return readCompressed(fields, path);
    default:
      throw unsupported(path, "quant_method", METHODS, method);
  }
}

function readAwq(fields: JsonObject, path: string): Packing {
  only(fields, "bits", [4], path);
  only(fields, "version", ["gemm", "GEMM"], path);
  only(fields, "zero_point", [true], path);
  return { kind: "awq", bits: 4, group: readGroup(fields, path) };
}

function readGptq(fields: JsonObject, path: string): Packing {
  neutral(fields, "checkpoint_format", ["gptq"], path);
  neutral(fields, "format", ["gptq"], path);
  neutral(fields, "is_marlin_format", [false], path);
  neutral(fields, "lm_head", [false], path);
  neutral(fields, "pack_dtype", ["int32"], path);
  neutral(fields, "dynamic", [], path);
  return { kind: "gptq", bits: readBits(fields, path), group: readGroup(fields, path) };
}

function readBitsAndBytes(fields: JsonObject, path: string): Quantization {
  only(fields, "load_in_8bit", [true], path);
  neutral(fields, "load_in_4bit", [false], path);
  return { packing: { kind: "llm-int8" }, warnings: [floatActivations(path)] };
}

/** One group of layers with one rule for weights; rules for caches, outputs, rotations and sparsity must be absent. */
function readCompressed(fields: JsonObject, path: string): Quantization {
  only(fields, "format", ["pack-quantized", "int-quantized"], path);
  neutral(fields, "kv_cache_scheme", [], path);
  neutral(fields, "sparsity_config", [], path);
  neutral(fields, "transform_config", [], path);
  const groups = [...field(fields, "config_groups", "object", place(path)).values()];
  if (groups.length !== 1) throw unsupported(path, "config_groups", "one group of layers", fields.get("config_groups"));
  const group = as(groups[0], "object", "config_groups", place(path));
  neutral(group, "output_activations", [], path);
  neutral(group, "format", [fields.get("format")!], path);
  const weights = field(group, "weights", "object", place(path));
  neutral(weights, "type", ["int"], path);
  neutral(weights, "symmetric", [true], path);
  neutral(weights, "dynamic", [false], path);
  neutral(weights, "actorder", ["weight", "static"], path);
  only(weights, "strategy", ["channel", "group"], path);
  const bits = readBits(weights, path, "num_bits");
  const packed = fields.get("format") === "pack-quantized";
  if (!packed && bits === 4) throw unsupported(path, "num_bits", "8 for int-quantized", bits);
  const size = weights.get("strategy") === "group" ? readGroup(weights, path) : undefined;
  return {
    packing: { kind: "compressed", bits, group: size, packed },
    warnings: isNothing(group.get("input_activations")) ? [] : [floatActivations(path)],
  };
}

function floatActivations(path: string): string {
  return (
    `${path}: W_ACTIVATIONS: its library also rounds activations to int8 while it runs. Here the weights are those of ` +
    "the file and the activations are not rounded."
  );
}

function readBits(fields: JsonObject, path: string, key = "bits"): 4 | 8 {
  const bits = field(fields, key, "integer", place(path));
  if (bits === 4 || bits === 8) return bits;
  throw unsupported(path, key, "4 or 8", bits);
}

/** -1 says that a whole row shares one scale. */
function readGroup(fields: JsonObject, path: string): number | undefined {
  const size = field(fields, "group_size", "integer", place(path));
  if (size === -1) return undefined;
  if (size >= 8 && size <= 2 ** 20) return size;
  throw unsupported(path, "group_size", "-1, or from 8 to 1048576", size);
}

/** The field must be there, with one of these values. */
function only(fields: JsonObject, key: string, values: readonly Json[], path: string): void {
  const value = fields.get(key);
  if (value !== undefined && values.includes(value)) return;
  throw unsupported(path, key, values.map(describe).join(" or "), value);
}

/** The field may be absent, null or empty, or have one of these values. */
function neutral(fields: JsonObject, key: string, values: readonly Json[], path: string): void {
  const value = fields.get(key);
  if (isNothing(value) || values.includes(value!)) return;
  throw unsupported(path, key, ["absent", ...values.map(describe)].join(" or "), value);
}

function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || (value instanceof Map && value.size === 0);
}

function place(path: string) {
  return { path, inside: INSIDE, code: "E_CFG_RANGE" };
}

function unsupported(path: string, key: string, expected: string, value: Json | undefined): FormatError {
  return new FormatError("E_CFG_UNSUPPORTED", path, {
    path,
    expected: `"${key}" in "${INSIDE}" to be ${expected}`,
    actual: describe(value),
    hint: "Other quantised checkpoints are not read here; get the model in one of these, in BF16, or as GGUF.",
  });
}
