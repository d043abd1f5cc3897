/**
 * One case of `qwq oracle sampler`: logits and settings in, the kept ids and their probabilities out, so that any
 * engine's sampler can be held against Hugging Face's.
 */
import { FormatError } from "../errors.ts";
import { as, field, optional } from "../json/fields.ts";
import type { Json, JsonObject } from "../json/json.ts";
import { checkSampling, distribution, type Sampling } from "../generate/sampling.ts";

/** What a case gives: ids ascending, and the probability of each. */
export interface SamplerResult {
  readonly ids: number[];
  readonly probabilities: number[];
}

/**
 * Answers a case as it stands in a file: {"logits", "previous", "repetition_penalty", "temperature", "top_k", "top_p",
 * "min_p"}. A null among the logits is minus infinity; a setting that is absent is off (1, 1, 0, 1, 0); other keys are
 * passed over, so that a case may carry its name or the expected answer. `path` names the case in errors.
 *
 * top_p 0 is taken, though users may not give it: Hugging Face's processor then keeps one id.
 *
 * throws  FormatError E_JSON_FIELD for a case of another form, E_NUM_NONFINITE where nothing can be drawn;
 *         UsageError E_ARG_SAMPLING for a setting out of its range
 */
export function samplerCase(json: Json, path: string): SamplerResult {
  const fields = as(json, "object", "", path);
  const sampling = settings(fields, path);
  checkSampling({ ...sampling, topP: sampling.topP === 0 ? 1 : sampling.topP });
  const { ids, probabilities } = distribution(logits(fields, path), previous(fields, path), sampling);
  return { ids: Array.from(ids), probabilities: Array.from(probabilities) };
}

function settings(fields: JsonObject, path: string): Sampling {
  const number = (key: string, off: number) => optional(fields, key, "number", path) ?? off;
  return {
    repetitionPenalty: number("repetition_penalty", 1),
    temperature: number("temperature", 1),
    topK: number("top_k", 0),
    topP: number("top_p", 1),
    minP: number("min_p", 0),
    greedy: false,
  };
}

function logits(fields: JsonObject, path: string): Float32Array {
  const values = field(fields, "logits", "array", path);
  return Float32Array.from(values, (x, id) => (x === null ? -Infinity : as(x, "number", `logits[${id}]`, path)));
}

function previous(fields: JsonObject, path: string): number[] {
  const ids = (optional(fields, "previous", "array", path) ?? []).map((id, i) =>
    as(id, "integer", `previous[${i}]`, path),
  );
  const bad = ids.findIndex((id) => id < 0);
  if (bad < 0) return ids;
  throw new FormatError("E_JSON_FIELD", path, {
    expected: `"previous[${bad}]" to be an id, from 0`,
    actual: `${ids[bad]!}`,
    hint: "Correct the case.",
  });
}
