/**
 * Two engines' logits as distributions: divergence both ways, common candidates, and the likeliest token.
 *
 *   KL(p || q) = sum_i p[i] (ln p[i] - ln q[i]),   p = softmax(reference), q = softmax(candidate)
 *
 * A likeliest token that differs is no error where the reference's first two are nearer than the noise of both: such a
 * tie is counted apart.
 */
import { FormatError } from "../errors.ts";
import type { Bundle } from "./bundle-read.ts";
import { exp } from "./numbers/math.ts";
import { floorOf, policyOf } from "./numbers/policies.ts";
import { checkProvenance } from "./provenance.ts";
import { FAIL } from "./measure.ts";

/** How many of the likeliest tokens are held against each other. */
const TOP = 10;

/** One position. Divergences are in nats. */
export interface KlRow {
  readonly row: number;
  /** KL(reference || candidate) and KL(candidate || reference). */
  readonly forward: number;
  readonly backward: number;
  /** Jaccard index of the ten likeliest: common / all. */
  readonly jaccard: number;
  readonly top1: "same" | "tie" | "other";
  /** -ln p of the token that follows in the prompt, by each; undefined after the last. */
  readonly surprise?: { readonly reference: number; readonly candidate: number } | undefined;
}

/** How far two engines' next-token distributions are apart, in nats. */
export interface KlReport {
  readonly rows: readonly KlRow[];
  readonly mean: { readonly forward: number; readonly backward: number; readonly jaccard: number };
  readonly largest: { readonly forward: number; readonly row: number };
  /** Positions whose likeliest token is another, ties not counted. */
  readonly flips: number;
  readonly ties: number;
  /** e to the mean surprise over the tokens that follow in the prompt; null where none does. */
  readonly perplexity: { readonly reference: number; readonly candidate: number; readonly tokens: number } | null;
}

/**
 * Compares the logits of two bundles at the positions that both have.
 *
 * throws   FormatError E_PROV_IDS, E_PROV_MODEL, E_CMP_MISSING (no whole logits in common), E_CMP_SHAPE, E_NOT_FINITE
 */
export function klOf(reference: Bundle, candidate: Bundle): KlReport {
  checkProvenance(reference, candidate);
  const [a, b] = [reference.entry("logits"), candidate.entry("logits")];
  const common = a === undefined || b === undefined ? [] : a.rows.filter((row) => b.rows.includes(row));
  if (common.length === 0 || a!.width !== undefined || b!.width !== undefined) throw missing(candidate.path);
  const [x, y] = [reference.read("logits")!, candidate.read("logits")!];
  const V = x.shape[1]!;
  if (y.shape[1] !== V) throw otherWidth(candidate.path, V, y.shape[1]!);
  checkFinite(y.data, b!.rows, V);
  const noise = noiseOf(reference, candidate);
  const { ids } = reference.manifest.input;
  const rows = common.map((row) => {
    const [i, j] = [a!.rows.indexOf(row) * V, b!.rows.indexOf(row) * V];
    return klRow(row, x.data.subarray(i, i + V), y.data.subarray(j, j + V), noise(row), ids[row + 1]);
  });
  const mean = (of: (row: KlRow) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const largest = rows.reduce((most, row) => (row.forward > most.forward ? row : most));
  return {
    rows,
    mean: {
      forward: mean((row) => row.forward),
      backward: mean((row) => row.backward),
      jaccard: mean((row) => row.jaccard),
    },
    largest: { forward: largest.forward, row: largest.row },
    flips: rows.filter(({ top1 }) => top1 === "other").length,
    ties: rows.filter(({ top1 }) => top1 === "tie").length,
    perplexity: perplexityOf(rows),
  };
}

function perplexityOf(rows: readonly KlRow[]): KlReport["perplexity"] {
  const told = rows.flatMap(({ surprise }) => surprise ?? []);
  if (told.length === 0) return null;
  const of = (who: "reference" | "candidate") => exp(told.reduce((sum, row) => sum + row[who], 0) / told.length);
  return { reference: of("reference"), candidate: of("candidate"), tokens: told.length };
}

function checkFinite(logits: Float32Array, rows: readonly number[], V: number): void {
  const at = logits.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return;
  throw new FormatError("E_NOT_FINITE", "logits", {
    tensor: "logits",
    expected: "finite values",
    actual: `${logits[at]!} at position ${rows[Math.floor(at / V)]!}, column ${at % V}`,
    hint: "The engine overflows there, or before.",
  });
}

/** The noise of a row of logits, relative to its length: what the reference measured of the candidate's policy. */
function noiseOf({ noise }: Bundle, { manifest }: Bundle): (row: number) => number {
  const policy = policyOf(manifest.policy);
  const measured = noise?.get(policy.name)?.get("logits")?.cumulative;
  return (row) => Math.max(floorOf(policy), measured?.[row] ?? 0);
}

function klRow(row: number, x: Float32Array, y: Float32Array, noise: number, next: number | undefined): KlRow {
  const [p, q] = [logSoftmax(x), logSoftmax(y)];
  let [forward, backward] = [0, 0];
  for (let i = 0; i < p.length; i++) {
    forward += exp(p[i]!) * (p[i]! - q[i]!);
    backward += exp(q[i]!) * (q[i]! - p[i]!);
  }
  const [ours, theirs] = [likeliest(x), likeliest(y)];
  const both = ours.filter((id) => theirs.includes(id)).length;
  const rms = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);
  // The candidate's likeliest is no error where the reference holds it as good as the first, to within the noise.
  const near = x[ours[0]!]! - x[theirs[0]!]! <= FAIL * noise * rms;
  const top1 = ours[0] === theirs[0] ? "same" : near ? "tie" : "other";
  return {
    row,
    forward: Math.max(0, forward),
    backward: Math.max(0, backward),
    jaccard: both / (ours.length + theirs.length - both),
    top1,
    surprise: next === undefined || next >= p.length ? undefined : { reference: -p[next]!, candidate: -q[next]! },
  };
}

function logSoftmax(x: Float32Array): Float64Array {
  const largest = x.reduce((most, value) => Math.max(most, value), -Infinity);
  let total = 0;
  for (const value of x) total += exp(value - largest);
  const shift = largest + Math.log(total);
  return Float64Array.from(x, (value) => value - shift);
}

/** Ids of the largest logits; of equals, the lower id first. */
function likeliest(x: Float32Array): number[] {
  const best: number[] = [];
  for (let id = 0; id < x.length; id++) {
    if (best.length === TOP && x[id]! <= x[best[TOP - 1]!]!) continue;
    let at = best.length;
    while (at > 0 && x[id]! > x[best[at - 1]!]!) at--;
    best.splice(at, 0, id);
    best.length = Math.min(best.length, TOP);
  }
  return best;
}

function missing(path: string): FormatError {
  return new FormatError("E_CMP_MISSING", path, {
    path,
    expected: "whole logits of a position that the reference has too",
    actual: "none",
    hint: "Record the tap logits in both.",
  });
}

function otherWidth(path: string, expected: number, actual: number): FormatError {
  const hint = "Compare runs of one model.";
  return new FormatError("E_CMP_SHAPE", path, {
    path,
    tensor: "logits",
    expected: `rows of ${expected}`,
    actual: `${actual}`,
    hint,
  });
}
