/**
 * What config.json says of rotary position, in each of the ways it has been written:
 *
 *   "rope_theta": 1e6, "rope_scaling": null | {"type" or "rope_type": "yarn", "factor": 4, ...}     transformers 4
 *   "rope_parameters": {"rope_type": "default" or "yarn", "rope_theta": 1e6, "factor": 4, ...}      transformers 5
 *
 * source   transformers 5.23: RotaryEmbeddingConfigMixin.convert_rope_params_to_dict, _compute_yarn_parameters
 */
import type { Rope, Yarn } from "../config.ts";
import { FormatError } from "../errors.ts";
import type { JsonObject } from "../json/json.ts";
import { describe, field, optional, type Place } from "../json/fields.ts";

/** Hugging Face's base where a file has none, as Llama's first configs. */
const DEFAULT_THETA = 10_000;
/**
 * Bounds within which every frequency is finite in float32, and nothing published comes near them. A base of 1 turns all
 * pairs alike; YaRN divides by its logarithm.
 */
const THETA = { least: 1, most: 1e12 };
const LENGTH = { least: 1, most: 2 ** 31 };
const SCALE = { least: 2 ** -20, most: 2 ** 20 };

/**
 * RoPE over heads of size `D`, in a context of `context` tokens (`max_position_embeddings`).
 *
 * throws   FormatError E_CFG_ROPE for a kind that is not computed, and for values that cannot be meant
 */
export function readRope(config: JsonObject, D: number, context: number, path: string): Rope {
  const at: Place = { path, code: "E_CFG_ROPE" };
  const key = isEmpty(config, "rope_scaling") ? "rope_parameters" : "rope_scaling";
  const scaling = isEmpty(config, key) ? new Map() : field(config, key, "object", at);
  const inside: Place = { ...at, inside: key };

  const theta = optional(scaling, "rope_theta", "number", inside) ?? optional(config, "rope_theta", "number", at);
  const rope = { D, theta: within(theta ?? DEFAULT_THETA, THETA, "rope_theta", path), yarn: undefined };
  refusePartial(scaling, config, path);
  const kind = scaling.get("rope_type") ?? scaling.get("type") ?? "default";
  if (kind === "default") return rope;
  if (kind === "yarn" && rope.theta === 1) throw bad(path, "rope_theta above 1 for YaRN", "1", DOCUMENTED);
  if (kind === "yarn") return { ...rope, yarn: readYarn(scaling, config, context, inside) };
  throw bad(path, `"rope_type" to be "default" or "yarn"`, describe(kind), "Other scalings are not computed here.");
}

/** YaRN with everything Hugging Face would fill in, so that nobody after this has a default to choose. */
function readYarn(scaling: JsonObject, config: JsonObject, context: number, at: Place): Yarn {
  const number = (key: string) => optional(scaling, key, "number", at);
  const scale = (value: number, what: string, range = SCALE) => within(value, range, what, at.path);
  // A length beside `rope_scaling` wins over one inside it; without either, what the file calls the context is taken.
  const outer = optional(config, "original_max_position_embeddings", "number", { path: at.path, code: "E_CFG_ROPE" });
  const original = scale(outer ?? number("original_max_position_embeddings") ?? context, "original length", LENGTH);
  // An explicit factor wins over context / original, even where they disagree (transformers issue 38224).
  if (!scaling.has("factor")) throw bad(at.path, '"factor" of YaRN', "nothing", "QwQ-32B's authors give 4.0.");
  const factor = scale(number("factor") ?? context / original, "factor");
  const truncate = scaling.has("truncate") ? field(scaling, "truncate", "boolean", at) : true;
  return {
    factor,
    original,
    attention: scale(
      number("attention_factor") ?? attention(factor, number("mscale"), number("mscale_all_dim")),
      "attention_factor",
    ),
    fast: scale(number("beta_fast") || 32, "beta_fast"), // 0 means "not given" to Hugging Face
    slow: scale(number("beta_slow") || 1, "beta_slow"),
    truncate,
  };
}

/**
 * How much longer queries and keys become: g(factor), or g(factor, mscale) / g(factor, all), with g(s, m) = 0.1 m ln s + 1
 * for s > 1, else 1.
 */
export function attention(factor: number, mscale?: number, all?: number): number {
  const g = (m: number) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  return mscale && all ? g(mscale) / g(all) : g(1);
}

function isEmpty(config: JsonObject, key: string): boolean {
  const value = config.get(key);
  return value === undefined || value === null || (value instanceof Map && value.size === 0);
}

/** Turning only a part of each head is another model. */
function refusePartial(scaling: JsonObject, config: JsonObject, path: string): void {
  const at: Place = { path, code: "E_CFG_ROPE" };
  const share =
    optional(scaling, "partial_rotary_factor", "number", at) ?? optional(config, "partial_rotary_factor", "number", at);
  if (share === undefined || share === 1) return;
  throw bad(path, '"partial_rotary_factor" to be 1', `${share}`, "RoPE over a part of the head is not computed here.");
}

const DOCUMENTED = "See YaRN and RoPE in transformers' documentation.";

function within(value: number, { least, most }: typeof THETA, what: string, path: string): number {
  if (value >= least && value <= most) return value;
  throw bad(path, `${what} from ${least} to ${most}`, `${value}`, DOCUMENTED);
}

function bad(path: string, expected: string, actual: string, hint: string): FormatError {
  return new FormatError("E_CFG_ROPE", path, { path, expected, actual, hint });
}
