/**
 * What must not change an engine's logits: no reference is needed, only the engine itself, asked twice.
 *
 * A case is {"ids": [[...], ...], "rows": [...], ...}: token ids of one or more sequences, and the positions whose logits are
 * wanted of each. Settings that are absent are off:
 *
 *   "chunk": n     the ids are fed n at a time, each time over what is cached
 *   "cached": n    the first n ids come from the cache of an earlier request
 *   "pad": n       n tokens of padding stand before the ids, and are masked
 *   "offset": n    the first id stands at position n
 *
 * The answer is {"logits": [[[...], ...], ...]}: of each sequence, of each wanted row, one number an id.
 */
import { type Json, JsonNumber } from "../../json/json.ts";
import type { Check } from "../checks.ts";
import type { Ask } from "../text/compare.ts";

/** How an engine is asked, and how far its answers may part. */
export interface EngineOptions {
  /** Any ids of the engine's vocabulary, at least 8: the prompt. */
  readonly ids: readonly number[];
  /** Largest |y - x| / |x| of a row of logits that is no bug. */
  readonly tolerance: number;
}

/**
 * By number format, the largest relative difference of logits that another order of sums may make. Taken from a study of
 * correct engines on 64 layers of random weights, not measured by this repository; an engine whose rows are the same bits
 * passes whatever they are.
 */
export const TOLERANCES: Readonly<Record<string, number>> = { f32: 2e-4, f16: 2e-2, bf16: 1.2e-1, q8: 1.2e-1 };

interface Case {
  readonly ids: readonly (readonly number[])[];
  readonly rows: readonly number[];
  readonly chunk?: number;
  readonly cached?: number;
  readonly pad?: number;
  readonly offset?: number;
}

/** Logits of one sequence's rows, or why there are none. */
type Answered = { readonly rows: readonly Float64Array[] } | { readonly why: string };

/** Every invariant, in the order in which a bug would show: what cannot be asked is skipped. */
export async function engineChecks(ask: Ask, options: EngineOptions): Promise<Check[]> {
  const { ids } = options;
  const last = ids.length - 1;
  const rows = [Math.floor(last / 2), last];
  const base = await logits(ask, { ids: [ids], rows });
  if ("why" in base) {
    return [{ code: "invariant-repeat", outcome: "skip", where: "the prompt", next: `Not judged: ${base.why}.` }];
  }
  const against = async (code: string, where: string, asked: Case, at = 0, exact = false) =>
    judged(code, where, base, await logits(ask, asked, at), exact ? 0 : options.tolerance);
  const others = variants(ids);
  const whole = { ids: [ids], rows };
  const checks = [
    await against("invariant-repeat", "the same request again", whole, 0, true),
    await causal(ask, base, ids, rows),
  ];
  for (const chunk of [1, 3]) {
    const where = chunk === 1 ? "one token at a time" : `${chunk} tokens at a time`;
    checks.push(await against("invariant-chunk", where, { ...whole, chunk }));
  }
  const cached = Math.floor(last / 2);
  checks.push(await against("invariant-cache", `${cached} ids from the cache`, { ...whole, cached }));
  for (const [count, at] of [
    [2, 1],
    [7, 3],
  ] as const) {
    const batch = others.slice(0, count).with(at, ids);
    checks.push(await against("invariant-batch", `sequence ${at + 1} of ${count}`, { ids: batch, rows }, at));
  }
  for (const pad of [1, 5]) checks.push(await against("invariant-pad", `${pad} of padding`, { ...whole, pad }));
  checks.push(await against("invariant-shift", "positions from 17 on", { ...whole, offset: 17 }));
  return checks;
}

/** Another last token must change nothing before it, not a bit: the shapes are the same. */
async function causal(
  ask: Ask,
  base: { readonly rows: readonly Float64Array[] },
  ids: readonly number[],
  rows: readonly number[],
) {
  const changed = ids.with(-1, ids[0] === ids.at(-1) ? ids[1]! : ids[0]!);
  const answer = await logits(ask, { ids: [changed], rows });
  const [before] = base.rows;
  const then = "why" in answer ? answer : { rows: answer.rows.slice(0, 1) };
  return judged("invariant-causal", `position ${rows[0]!}, another last token`, { rows: [before!] }, then, 0);
}

/** Seven sequences of the same length that are not the prompt. */
function variants(ids: readonly number[]): (readonly number[])[] {
  return Array.from({ length: 7 }, (_, n) => ids.map((_, i) => ids[(i * (n + 2) + n) % ids.length]!));
}

function judged(
  code: string,
  where: string,
  base: { readonly rows: readonly Float64Array[] },
  answer: Answered,
  tolerance: number,
): Check {
  if ("why" in answer) return { code, outcome: "skip", where, next: `Not judged: ${answer.why}.` };
  const r = Math.max(...base.rows.map((x, i) => distance(x, answer.rows[i]!)));
  if (!Number.isFinite(r))
    return { code, outcome: "fail", where, expected: "finite logits", actual: "NaN or infinity" };
  const expected = tolerance === 0 ? "the same bits" : `the same logits within ${tolerance}`;
  const actual = r === 0 ? "the same bits" : `r ${r.toExponential(1)}`;
  if (r <= tolerance) return { code, outcome: "pass", where, actual };
  // Sums in another order each time are a nuisance, no bug.
  const outcome = code === "invariant-repeat" && r < 1e-2 ? "warn" : "fail";
  return { code, outcome, where, expected, actual };
}

/** |y - x| / |x| of a row of logits; -Infinity in both is the same. */
function distance(x: Float64Array, y: Float64Array): number {
  if (x.length !== y.length) return Infinity;
  let [difference, size] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    if (a === b) {
      if (Number.isFinite(a)) size += a * a;
      continue;
    }
    difference += (b - a) ** 2;
    size += a * a;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

async function logits(ask: Ask, asked: Case, at = 0): Promise<Answered> {
  const answer = await ask(JSON.stringify(asked));
  const error = answer instanceof Map ? answer.get("error") : undefined;
  if (error !== undefined) return { why: typeof error === "string" ? error.replace(/\.$/, "") : "the engine refuses" };
  const all = answer instanceof Map ? answer.get("logits") : undefined;
  const one = Array.isArray(all) && all.length === asked.ids.length ? all[at] : undefined;
  const rows = Array.isArray(one) && one.length === asked.rows.length ? one.map(numbers) : [undefined];
  if (rows.every((row) => row !== undefined && row.length > 0)) return { rows: rows as Float64Array[] };
  return { why: `an answer that is not {"logits"} of ${asked.ids.length} sequences and ${asked.rows.length} rows` };
}

/** A row of numbers; null is minus infinity. */
function numbers(row: Json): Float64Array | undefined {
  if (!Array.isArray(row)) return undefined;
  const values = row.map((x) => (x === null ? -Infinity : x instanceof JsonNumber ? x.value : Number(x)));
  return Float64Array.from(values);
}
