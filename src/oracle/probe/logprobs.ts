/**
 * The likeliest next tokens that a server gives, against the reference's.
 */
import { optional } from "../../json/fields.ts";
import { type Json, JsonNumber, type JsonObject } from "../../json/json.ts";
import { FormatError } from "../../errors.ts";
import type { Check } from "../checks.ts";
import type { Answer, Client } from "./client.ts";
import type { ProbeOptions } from "./options.ts";

const TOP = 10;

/** log softmax of a row of logits, in float64. */
export function logSoftmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - most);
  const shift = most + Math.log(sum);
  return Float64Array.from(logits, (x) => x - shift);
}

export async function logprobsChecks(
  client: Client,
  model: string | undefined,
  options: ProbeOptions,
): Promise<Check[]> {
  const { next, tolerance, tokenizer } = options;
  const code = "probe-logprobs";
  if (next === undefined)
    return [{ code, outcome: "skip", where: "logits", next: "Not judged: --bundle has the reference's logits." }];
  const { where, answer, top } = await ask(
    client,
    model,
    next.ids,
    (text) => tokenizer.id(text) ?? one(tokenizer.encode(text)),
  );
  if (top === undefined) {
    return [
      {
        code,
        outcome: "skip",
        where,
        next: "why" in answer ? `Not judged: ${answer.why}.` : "Not judged: an answer of no known form.",
      },
    ];
  }
  return [judge(code, where, top, next.logprobs, tolerance)];
}

/**
 * vLLM's prompt_logprobs: of every id of the prompt, the likeliest in its place, and itself. Each position is judged, so a
 * fault that only long prompts show is found where it begins. A server without them gives no check.
 */
export async function promptChecks(client: Client, model: string | undefined, options: ProbeOptions): Promise<Check[]> {
  const { next, tolerance } = options;
  if (next?.after === undefined) return [];
  const [code, where] = ["probe-prompt-logprobs", "/v1/completions"];
  const body = { model, prompt: next.ids, max_tokens: 1, temperature: 0, prompt_logprobs: TOP };
  const answer = await client.post(where, body);
  const given = "json" in answer ? firstOf(answer.json, "choices")?.get("prompt_logprobs") : undefined;
  if (given === undefined || given === null) return []; // only vLLM has them
  const places = orNone(() => promptTops(given, next.ids.length));
  if (places === undefined) {
    return [{ code, outcome: "skip", where, next: "Not judged: prompt_logprobs of no known form." }];
  }
  const checks = places.flatMap((top, t) => {
    const expected = t === 0 || top === undefined ? undefined : next.after!(t - 1);
    return expected === undefined ? [] : [judge(code, `${where}, position ${t}`, top!, expected, tolerance)];
  });
  const wrong = checks.find(({ outcome }) => outcome === "fail");
  if (wrong !== undefined) return [wrong];
  if (checks.length > 0) return [{ code, outcome: "pass", where, actual: `${checks.length} positions` }];
  return [{ code, outcome: "skip", where, next: "Not judged: the bundle has the logits of its last token alone." }];
}

/** [null, {"<id>": {"logprob": -0.1, "rank", "decoded_token"}}, ...], one a token of the prompt. */
function promptTops(list: Json, length: number): (Map<number, number> | undefined)[] | undefined {
  if (!Array.isArray(list) || list.length !== length) return undefined;
  const tops = list.map((entry) => {
    if (!(entry instanceof Map)) return undefined;
    const pairs = [...entry].map(([id, value]) => {
      const p = value instanceof Map ? optional(value, "logprob", "number", "") : undefined;
      return /^\d+$/.test(id) && p !== undefined ? ([Number(id), p] as const) : undefined;
    });
    return usable(pairs);
  });
  return tops.slice(1).every((top) => top !== undefined) ? tops : undefined;
}

function one(ids: Uint32Array): number | undefined {
  return ids.length === 1 ? ids[0] : undefined;
}

/** The worst difference among the likeliest ten, and whether the likeliest is the same, or as good as. */
function judge(
  code: string,
  where: string,
  top: ReadonlyMap<number, number>,
  logprobs: Float64Array,
  tolerance: number,
): Check {
  const unknown = [...top.keys()].find((id) => id >= logprobs.length);
  if (unknown !== undefined) {
    return { code, outcome: "fail", where, expected: `ids below ${logprobs.length}`, actual: `${unknown}` };
  }
  const best = logprobs.reduce((at, x, id) => (x > logprobs[at]! ? id : at), 0);
  const [first] = [...top].sort(([, a], [, b]) => b - a);
  const behind = logprobs[best]! - logprobs[first![0]]!;
  const worst = [...top]
    .map(([id, p]) => [id, p, Math.abs(p - logprobs[id]!)] as const)
    .sort((a, b) => b[2] - a[2])[0]!;
  const [id, p, off] = worst;
  if (behind <= tolerance && off <= tolerance) return { code, outcome: "pass", where };
  const next = "Compare activations: qwq oracle record, then compare.";
  if (behind > tolerance) {
    const expected = `id ${best} likeliest, ${behind.toFixed(3)} above`;
    return { code, outcome: "fail", where, expected, actual: `id ${first![0]}`, next };
  }
  const expected = `log-probability ${logprobs[id]!.toFixed(3)} of id ${id}, within ${tolerance}`;
  return { code, outcome: "fail", where, expected, actual: p.toFixed(3), next };
}

interface Asked {
  readonly where: string;
  readonly answer: Answer;
  readonly top: ReadonlyMap<number, number> | undefined;
}

type IdOf = (text: string) => number | undefined;

/** llama-server's route first, which gives ids; then OpenAI's, whose tokens are texts. */
async function ask(client: Client, model: string | undefined, ids: readonly number[], idOf: IdOf): Promise<Asked> {
  const native = "/completion";
  const body = {
    prompt: ids,
    n_predict: 1,
    n_probs: TOP,
    temperature: 0,
    cache_prompt: false,
    post_sampling_probs: false,
  };
  const answer = await client.post(native, body);
  const top = "json" in answer ? orNone(() => nativeTop(answer.json)) : undefined;
  if (top !== undefined) return { where: native, answer, top };
  const where = "/v1/completions";
  const other = await client.post(where, { model, prompt: ids, max_tokens: 1, temperature: 0, logprobs: TOP });
  return { where, answer: other, top: "json" in other ? orNone(() => openaiTop(other.json, idOf)) : undefined };
}

/** A field of another kind is an answer of no known form. */
function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** {"completion_probabilities": [{"top_logprobs": [{"id", "logprob"}]}]}; older servers have "probs" with "prob". */
function nativeTop(json: Json): Map<number, number> | undefined {
  const first = firstOf(json, "completion_probabilities");
  const list =
    first === undefined
      ? undefined
      : (optional(first, "top_logprobs", "array", "") ?? optional(first, "probs", "array", ""));
  const pairs = (list ?? []).map((entry) => {
    if (!(entry instanceof Map)) return undefined;
    const [id, log, p] = [
      optional(entry, "id", "integer", ""),
      optional(entry, "logprob", "number", ""),
      optional(entry, "prob", "number", ""),
    ];
    const value = log ?? (p === undefined ? undefined : Math.log(p));
    return id === undefined || value === undefined ? undefined : ([id, value] as const);
  });
  return usable(pairs);
}

/** {"choices": [{"logprobs": {"top_logprobs": [{" token": -0.1}]}}]} */
function openaiTop(json: Json, idOf: IdOf): Map<number, number> | undefined {
  const logprobs = firstOf(json, "choices")?.get("logprobs");
  const table = logprobs instanceof Map ? firstOf(logprobs, "top_logprobs") : undefined;
  const pairs = [...(table ?? new Map<string, Json>())].map(([text]) => {
    const id = idOf(text);
    const p = optional(table!, text, "number", "");
    return id === undefined || p === undefined ? undefined : ([id, p] as const);
  });
  return usable(pairs.filter((pair) => pair !== undefined));
}

function firstOf(json: Json, key: string): JsonObject | undefined {
  const list = json instanceof Map ? json.get(key) : undefined;
  const first = Array.isArray(list) ? list[0] : undefined;
  return first instanceof Map ? first : undefined;
}

/** Log-probabilities of at least one id, each finite and at most 0, that sum to no more than 1. */
function usable(pairs: readonly (readonly [number, number] | undefined)[]): Map<number, number> | undefined {
  if (pairs.length === 0) return undefined;
  const map = new Map<number, number>();
  for (const pair of pairs) {
    if (pair === undefined || pair[0] < 0 || !(pair[1] <= 1e-6)) return undefined;
    map.set(pair[0], pair[1]);
  }
  const total = [...map.values()].reduce((sum, p) => sum + Math.exp(p), 0);
  return total <= 1.001 ? map : undefined;
}

/** The likeliest next tokens of an answer of either form, by their text or id, and the likeliest one's text. */
export function topOf(
  answer: Answer,
): { readonly top: ReadonlyMap<string, number>; readonly text: string } | undefined {
  if (!("json" in answer)) return undefined;
  const native = orNone(() => nativeTop(answer.json));
  if (native !== undefined) {
    const first = firstOf(answer.json, "completion_probabilities")?.get("token");
    const top = new Map([...native].map(([id, p]) => [`${id}`, p]));
    return { top, text: typeof first === "string" ? first : "" };
  }
  const logprobs = firstOf(answer.json, "choices")?.get("logprobs");
  const table = logprobs instanceof Map ? firstOf(logprobs, "top_logprobs") : undefined;
  const pairs = [...(table ?? [])].map(([text, p]) => [text, p instanceof JsonNumber ? p.value : Number(p)] as const);
  if (pairs.length === 0 || pairs.some(([, p]) => !(p <= 1e-6))) return undefined; // NaN too
  return { top: new Map(pairs), text: pairs.reduce((a, b) => (b[1] > a[1] ? b : a))[0] };
}
