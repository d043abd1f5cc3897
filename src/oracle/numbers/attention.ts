/** Attention under a rounding policy, with what can be wrong about it as settings. */
import { attentionSizes } from "../../reference/attention.ts";
import { exp } from "./math.ts";
import { flash } from "./flash.ts";
import type { Rounding } from "./formats.ts";
import { dotOf } from "./orders.ts";
import type { Run } from "./policies.ts";
import { range, Rows } from "./rows.ts";

/** What an engine may do otherwise. */
export interface AttentionSettings {
  /** Scores are multiplied by this and by 1 / sqrt D. */
  readonly scale: number;
  /** Which key head a query head uses: h K / H rounded down, or h modulo K. */
  readonly heads: "repeat" | "tile";
  /** Up to which token a token sees: itself; the next one; all; the one before. */
  readonly sees: "itself" | "next" | "all" | "before";
  /** Keys and values moved by so many places, the vacated ones zero. */
  readonly moveKeys: number;
  readonly moveValues: number;
  /** Format in which the softmax works, if a low one. */
  readonly softmax: Rounding | undefined;
}

export const ATTENTION: AttentionSettings = {
  scale: 1,
  heads: "repeat",
  sees: "itself",
  moveKeys: 0,
  moveValues: 0,
  softmax: undefined,
};

/** a = softmax(q k' / sqrt D) v; the tokens are all of them, from position 0, or the last T of the S. */
export function attend(q: Rows, keys: Rows, values: Rows, D: number, run: Run, settings: AttentionSettings): Rows {
  const { T, HD, S, KD } = attentionSizes(q, keys, values, D);
  const state = { q, D, HD, KD, run, settings };
  const low = settings.softmax === undefined ? run.policy.flash : undefined;
  return new Rows(T, HD, (rows, a) => {
    const last = (t: number) => Math.min(S - 1, S - T + t + { itself: 0, next: 1, all: S, before: -1 }[settings.sees]);
    const seen = range(Math.max(0, ...rows.map((t) => last(t) + 1)));
    const moved = { keys: shift(keys, seen, settings.moveKeys), values: shift(values, seen, settings.moveValues) };
    q.need(rows);
    if (low === undefined) for (const t of rows) attendRow(state, moved, t, last(t) + 1, a);
    else {
      const cached = { keys: moved.keys.map(low.round), values: moved.values.map(low.round) };
      for (const t of rows) flashRow(state, cached, low, { t, seen: last(t) + 1, a });
    }
  });
}

/** The needed rows of x, each from `by` places earlier; what comes from outside is zero. */
function shift(x: Rows, seen: readonly number[], by: number): Float64Array {
  const [S, width] = x.shape;
  if (by === 0) return x.need(seen);
  const from = seen.map((s) => s - by).filter((s) => s >= 0 && s < S);
  const data = x.need(from);
  const moved = new Float64Array(seen.length * width);
  for (const s of from) moved.set(data.subarray(s * width, (s + 1) * width), (s + by) * width);
  return moved;
}

interface State {
  readonly q: Rows;
  readonly D: number;
  readonly HD: number;
  readonly KD: number;
  readonly run: Run;
  readonly settings: AttentionSettings;
}

function attendRow(
  { q, D, HD, KD, run, settings }: State,
  moved: { readonly keys: Float64Array; readonly values: Float64Array },
  t: number,
  seen: number,
  a: Float64Array,
): void {
  const fused = run.fused === true && settings.softmax === undefined;
  const { store, work } = run.policy;
  const steps = fused ? work : run.policy.steps;
  const dot = dotOf(run.order);
  const [Q, H, K] = [queries(q.need([t]), t, { HD, D, run }), HD / D, KD / D];
  const scale = settings.scale / Math.sqrt(D);
  const p = new Float64Array(seen);
  for (let h = 0; h < H; h++) {
    const kh = keyHead(h, K, H, settings) * D;
    for (let s = 0; s < seen; s++) {
      p[s] = steps.round(steps.round(dot(Q, h * D, moved.keys, s * KD + kh, 1, D)) * scale);
    }
    const total = fused ? exponentials(p, run) : softmax(p, run, settings.softmax);
    if (run.operands === true && run.policy.kv?.blocks === false) run.policy.kv.round(p, D);
    for (let d = 0; d < D; d++) a[t * HD + h * D + d] = store.round(dot(p, 0, moved.values, kh + d, KD, seen) / total);
  }
}

/** The same by flash attention in a low format. */
function flashRow(
  { q, D, HD, KD, run, settings }: State,
  { keys, values }: { readonly keys: Float64Array; readonly values: Float64Array },
  low: Rounding,
  { t, seen, a }: { readonly t: number; readonly seen: number; readonly a: Float64Array },
): void {
  const [Q, H, K] = [queries(q.need([t]), t, { HD, D, run }).map(low.round), HD / D, KD / D];
  const scale = settings.scale / Math.sqrt(D);
  for (let h = 0; h < H; h++) {
    const query = Q.subarray(h * D, (h + 1) * D);
    const head = { query, keys, values, at: keyHead(h, K, H, settings) * D, width: KD, count: seen, scale };
    a.set(flash(head, low, run).map(run.policy.store.round), t * HD + h * D);
  }
}

/** The queries of a token; to the format of the keys where both are rounded. */
function queries(q: Float64Array, t: number, { HD, D, run }: Pick<State, "HD" | "D" | "run">): Float64Array {
  const row = q.slice(t * HD, (t + 1) * HD);
  if (run.operands === true) run.policy.kv?.round(row, D);
  return row;
}

/** Which of the K key heads query head h of H uses. */
function keyHead(h: number, K: number, H: number, { heads }: AttentionSettings): number {
  return heads === "tile" ? h % K : Math.floor((h * K) / H);
}

/** p = e^(p - max p), each rounded to the format of the steps; gives their sum, in float32 and of what they were before. */
function exponentials(p: Float64Array, { policy, order }: Run): number {
  const inner = policy.work.round;
  const largest = p.reduce((most, x) => Math.max(most, x), -Infinity);
  for (let s = 0; s < p.length; s++) p[s] = inner(exp(inner(p[s]! - largest)));
  const total = dotOf(order)(p, 0, ONE, 0, 0, p.length);
  for (let s = 0; s < p.length; s++) p[s] = policy.steps.round(p[s]!);
  return p.length === 0 ? 1 : total; // a mutant's token may see nothing
}

/** p = e^p / sum e^p, in float32 (in the truth, float64), or in a low format; then rounded as steps are. Gives their sum. */
function softmax(p: Float64Array, { policy, order }: Run, low: Rounding | undefined): 1 {
  const { steps, work } = policy;
  const inner = work.round;
  if (low !== undefined) for (let s = 0; s < p.length; s++) p[s] = low.round(p[s]!);
  const largest = p.reduce((most, x) => Math.max(most, x), -Infinity);
  for (let s = 0; s < p.length; s++) p[s] = inner(exp(inner(p[s]! - largest)));
  const total = dotOf(order)(p, 0, ONE, 0, 0, p.length);
  for (let s = 0; s < p.length; s++) {
    const weight = inner(p[s]! / total);
    p[s] = steps.round(low === undefined ? weight : low.round(weight));
  }
  return 1;
}

const ONE = [1];
