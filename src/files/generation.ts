/**
 * generation_config.json: when a reply ends, and how its authors would have it sampled.
 */
import { FormatError } from "../errors.ts";
import { type Json, type JsonObject, readJson } from "../json/json.ts";
import { as, describe, optional, type Place } from "../json/fields.ts";

/** What a checkpoint says about generating; everything it leaves open is `undefined`. */
export interface GenerationConfig {
  /** `eos_token_id`: any of these ends a reply. QwQ-32B: 151,645 and 151,643. */
  readonly stop: readonly number[];
  /** `bos_token_id`, which neither QwQ nor SmolLM2 puts before a prompt. */
  readonly bos: number | undefined;
  /** `pad_token_id`. */
  readonly pad: number | undefined;
  /** `do_sample`; false asks for greedy decoding. */
  readonly sample: boolean | undefined;
  readonly temperature: number | undefined;
  readonly topK: number | undefined;
  readonly topP: number | undefined;
  readonly minP: number | undefined;
  readonly repetitionPenalty: number | undefined;
  /** `max_new_tokens`. */
  readonly maxTokens: number | undefined;
}

/**
 * Reads generation_config.json where there is one, and takes the ids that it lacks from config.json, as Hugging Face
 * does for a checkpoint without it.
 *
 * `vocabulary` is the number of rows: no id may lie beyond it. `source` and `path` are the file's text and name.
 *
 * throws   FormatError E_JSON_*; E_CFG_TOKEN_ID for an id that is no id, or twice the same; E_CFG_RANGE for a setting
 *          outside its range
 */
export function readGeneration(
  file: { readonly source: Uint8Array | string; readonly path: string } | undefined,
  config: { readonly fields: JsonObject; readonly path: string },
  vocabulary: number,
): GenerationConfig {
  const path = file?.path ?? config.path;
  const fields: JsonObject = file === undefined ? new Map() : as(readJson(file.source, path), "object", "", path);
  const ids = (key: string): number[] => {
    const own = fields.get(key);
    return own === undefined || own === null
      ? tokenIds(config.fields.get(key), key, vocabulary, config.path)
      : tokenIds(own, key, vocabulary, path);
  };
  const at: Place = { path, code: "E_CFG_RANGE" };
  const number = (key: string, least: number, most: number, kind: "number" | "integer" = "number") => {
    const value = optional(fields, key, kind, at);
    if (value === undefined || (value >= least && value <= most)) return value;
    throw bad("E_CFG_RANGE", path, `"${key}" between ${least} and ${most}`, `${value}`);
  };
  return {
    stop: ids("eos_token_id"),
    bos: ids("bos_token_id")[0],
    pad: ids("pad_token_id")[0],
    sample: optional(fields, "do_sample", "boolean", at),
    temperature: number("temperature", 0, 100),
    topK: number("top_k", 0, 2 ** 31, "integer"),
    topP: number("top_p", 0, 1),
    minP: number("min_p", 0, 1),
    repetitionPenalty: number("repetition_penalty", 2 ** -20, 2 ** 20),
    maxTokens: number("max_new_tokens", 1, 2 ** 31, "integer"),
  };
}

/** One id, a list of them, or none. -1 stands for "none" in Llama's first configs. */
function tokenIds(value: Json | undefined, key: string, vocabulary: number, path: string): number[] {
  if (value === undefined || value === null || value === -1) return [];
  const ids = Array.isArray(value) ? value : [value];
  const wrong = ids.find((id) => typeof id !== "number" || id < 0 || id >= vocabulary);
  if (wrong !== undefined || new Set(ids).size !== ids.length) {
    const actual = wrong === undefined ? "one of them twice" : describe(wrong);
    throw bad("E_CFG_TOKEN_ID", path, `"${key}" to be ids below ${vocabulary}`, actual);
  }
  return ids.filter((id) => typeof id === "number");
}

function bad(code: string, path: string, expected: string, actual: string): FormatError {
  const hint = "The file is damaged or was edited by hand; get it again, or mend it there.";
  return new FormatError(code, path, { path, expected, actual, hint });
}
