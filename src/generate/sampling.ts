/**
 * From logits to the distribution the next token is drawn from: Hugging Face's processors, in the order in which
 * `generate` applies them, with their float32 roundings and their ties.
 *
 *   repetition penalty -> temperature -> top-k -> top-p -> min-p -> softmax
 *
 * source  transformers 5.23 generation/logits_process.py: RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper,
 *         TopKLogitsWarper, TopPLogitsWarper, MinPLogitsWarper; generation/utils.py: _get_logits_processor, _sample
 * golden  sampler/cases.jsonl
 */
import { FormatError, UsageError } from "../errors.ts";
import { gather, kthGreatest, minP, topK, topP } from "./filters.ts";

const { fround } = Math;

/** How the next token is chosen. */
export interface Sampling {
  /** Divides the logits: below 1 sharper, above 1 flatter. 0 is greedy. */
  readonly temperature: number;
  /** Keeps the k likeliest tokens, and those equal to the last of them. 0 is off. */
  readonly topK: number;
  /** Keeps the likeliest tokens that together reach this probability. 1 is off. */
  readonly topP: number;
  /** Keeps tokens with at least this fraction of the likeliest token's probability. 0 is off. */
  readonly minP: number;
  /** Divides positive and multiplies negative logits of tokens that have occurred. 1 is off. */
  readonly repetitionPenalty: number;
  /** Takes the likeliest token, the lowest id among equals. The model's authors warn that QwQ then repeats itself. */
  readonly greedy: boolean;
}

/** What QwQ-32B's generation_config.json says. */
export const QWQ_DEFAULTS = {
  temperature: 0.6,
  topK: 40,
  topP: 0.95,
  minP: 0,
  repetitionPenalty: 1,
  greedy: false,
} as const satisfies Sampling;

/** The tokens that can be drawn, ids ascending, and their probabilities, which sum to 1. */
export interface Distribution {
  readonly ids: Uint32Array;
  readonly probabilities: Float64Array;
}

/** Refuses settings outside their range. Throws UsageError E_ARG_SAMPLING. */
export function checkSampling(s: Sampling): Sampling {
  const check = (ok: boolean, name: string, value: number, expected: string, hint: string) => {
    if (!ok) throw new UsageError("E_ARG_SAMPLING", name, { expected, actual: String(value), hint });
  };
  const { temperature, topK, topP, minP, repetitionPenalty } = s;
  const finite = Number.isFinite;
  check(finite(temperature) && temperature >= 0, "temperature", temperature, "a number from 0", "0 is greedy.");
  check(Number.isSafeInteger(topK) && topK >= 0, "top-k", topK, "a whole number from 0", "0 turns it off.");
  check(topP > 0 && topP <= 1, "top-p", topP, "a number above 0, up to 1", "1 turns it off.");
  check(minP >= 0 && minP <= 1, "min-p", minP, "a number from 0 to 1", "0 turns it off.");
  const penalty = repetitionPenalty;
  check(finite(penalty) && penalty > 0, "repetition-penalty", penalty, "a number above 0", "1 turns it off.");
  return s;
}

/** Whether these settings leave nothing to chance. */
export function isGreedy(s: Sampling): boolean {
  return s.greedy || s.temperature === 0;
}

/**
 * The distribution of the next token. `logits` has one value an id, minus infinity where an id is ruled out; `previous`
 * holds the ids so far, prompt included, for the repetition penalty (ids beyond the logits are passed over).
 *
 * An id is kept when no processor sets its score to minus infinity, even if its probability underflows.
 *
 * numbers  scores and thresholds in float32 as PyTorch computes them; the probabilities themselves in float64
 * cost     O(V), one reading of the logits if greedy, three with top-k; O(V log V) with top-p or min-p alone
 * throws   FormatError E_NUM_NONFINITE for NaN or plus infinity, or where every logit is minus infinity;
 *          UsageError E_ARG_SAMPLING where temperature or penalty take the scores out of float32's range
 */
export function distribution(logits: Float32Array, previous: ArrayLike<number>, s: Sampling): Distribution {
  const range = checkedRange(logits);
  if (isGreedy(s)) {
    const best = s.repetitionPenalty === 1 ? range.best : argmax(penalised(logits, previous, s.repetitionPenalty));
    return { ids: Uint32Array.of(best), probabilities: Float64Array.of(1) };
  }
  const { scores, ids: left } = likeliest(logits, range, s) ?? scored(logits, previous, s);
  let ids = left;
  if (s.topP < 1) ids = topP(scores, ids, s.topP);
  if (s.minP > 0) ids = minP(scores, ids, s.minP);
  return { ids, probabilities: softmax(scores, ids) };
}

/** Index of the greatest value, the lowest among equals. */
export function argmax(x: Float32Array): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (x[i]! > x[best]!) best = i;
  return best;
}

/** The least and the greatest logit, and the first id that has it. */
interface Range {
  readonly least: number;
  readonly most: number;
  readonly best: number;
}

/** Looks at every logit once; an error if one is NaN or plus infinity, or if there is none but minus infinity. */
function checkedRange(logits: Float32Array): Range {
  let [least, most, best] = [Infinity, -Infinity, -1];
  for (let id = 0; id < logits.length; id++) {
    const x = logits[id]!;
    if (!(x < Infinity)) throw nothingToDraw("finite logits", `${x} at id ${id}`);
    if (x < least) least = x;
    if (x > most) {
      most = x;
      best = id;
    }
  }
  if (best >= 0) return { least, most, best };
  throw nothingToDraw("a finite logit", logits.length > 0 ? "minus infinity at every id" : "none at all");
}

/** Scores, which count only at `ids`: those that are still in. */
interface Scored {
  readonly scores: Float32Array;
  readonly ids: Uint32Array;
}

/**
 * Temperature and top-k where only they matter: a few ids are scored, not the whole vocabulary. Division and its rounding keep
 * the order, so the k-th greatest logit has the k-th greatest score; logits a little below it may have the same.
 */
function likeliest(logits: Float32Array, { least, most }: Range, s: Sampling): Scored | undefined {
  const t = fround(s.temperature);
  const inside = Number.isFinite(fround(least / t)) && Number.isFinite(fround(most / t));
  if (!inside || s.repetitionPenalty !== 1 || s.topK === 0 || s.topK >= logits.length) return undefined;
  const kth = kthGreatest(logits, s.topK);
  const bound = fround(kth / t);
  const below = kth - Math.abs(kth) * 2 ** -20 - t * 2 ** -148; // four units of the last place, and where they underflow
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    if (logits[id]! >= below && fround(logits[id]! / t) >= bound) ids.push(id);
  }
  const scores = new Float32Array(logits.length);
  for (const id of ids) scores[id] = logits[id]! / t;
  return { scores, ids: Uint32Array.from(ids) };
}

/** All processors up to top-k, as they come. */
function scored(logits: Float32Array, previous: ArrayLike<number>, s: Sampling): Scored {
  const scores = penalised(logits, previous, s.repetitionPenalty);
  divide(scores, s.temperature);
  const ids = inRange(scores, usableIds(logits), s);
  return { scores, ids: s.topK > 0 ? topK(scores, ids, s.topK) : ids };
}

/** Ids whose logit is not minus infinity. */
function usableIds(logits: Float32Array): Uint32Array {
  const ids = new Uint32Array(logits.length);
  let n = 0;
  for (let id = 0; id < logits.length; id++) if (logits[id]! > -Infinity) ids[n++] = id;
  return ids.subarray(0, n);
}

function nothingToDraw(expected: string, actual: string): FormatError {
  const hint = "Nothing can be drawn from these; look for NaN or overflow in the weights.";
  return new FormatError("E_NUM_NONFINITE", "logits", { expected, actual, hint });
}

/** The logits, each previous token's once divided by the penalty if positive, multiplied by it if negative. */
function penalised(logits: Float32Array, previous: ArrayLike<number>, penalty: number): Float32Array {
  const scores = logits.slice();
  if (penalty === 1) return scores;
  const factor = fround(penalty);
  for (let i = 0; i < previous.length; i++) {
    const id = previous[i]!;
    const x = logits[id];
    if (x !== undefined) scores[id] = x < 0 ? x * factor : x / factor;
  }
  return scores;
}

/** Divides by the temperature, itself rounded to float32. */
function divide(scores: Float32Array, temperature: number): void {
  const t = fround(temperature);
  if (t !== 1) for (let i = 0; i < scores.length; i++) scores[i]! /= t;
}

/** Ids of `usable` that still have a score; an error where a score has left float32's range, or none is left. */
function inRange(scores: Float32Array, usable: Uint32Array, s: Sampling): Uint32Array {
  let lost = 0;
  let inside = true;
  for (const id of usable) {
    if (scores[id] === -Infinity) lost++;
    else if (!(scores[id]! < Infinity)) inside = false;
  }
  if (inside && lost === 0) return usable;
  if (inside && lost < usable.length) return usable.filter((id) => scores[id]! > -Infinity);
  throw new UsageError("E_ARG_SAMPLING", "sampling", {
    expected: "settings that keep every score within float32",
    actual: `temperature ${s.temperature} and repetition-penalty ${s.repetitionPenalty}`,
    hint: "For the likeliest token alone use greedy.",
  });
}

/** Softmax of the kept scores in float64. */
function softmax(scores: Float32Array, ids: Uint32Array): Float64Array {
  const x = gather(scores, ids);
  const max = x[argmax(x)]!;
  const p = new Float64Array(ids.length);
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += p[i] = Math.exp(x[i]! - max);
  for (let i = 0; i < p.length; i++) p[i]! /= sum;
  return p;
}
