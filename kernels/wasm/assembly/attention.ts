/**
 * Attention, the softmax streamed over spans of positions (softmax.ts):
 *
 *   x[s] = q . k[s] log2 e / sqrt D,   a = sum_s 2^(x[s] - m) v[s],   and at last a / l
 *
 * layout   q, out: f32 [T HD]; k, v: places of blocks (blocks.ts); scratch: a state for each thread (state.ts); records: of
 *          each span of each key head of each token, m and l of its heads f32 [heads][2], then a f32 [heads][D], or none;
 *          D is a multiple of eight, at most 256
 * numbers  float32 in lanes; a score is one sum, d ascending, as is each channel of a span, s ascending (group/index.ts). Spans
 *          begin at multiples of 256 whatever T is and are merged in their order, so neither threads nor chunks change a bit.
 * cost     4 S HD flops a token. Keys and values are read once for all heads of a group, as they lie; a block that is not
 *          float32 is widened once for them.
 */
import { BLOCK, place, widened } from "./blocks";
import { divide, merge } from "./softmax";
import { HEADS, keptOf, mixedOf, ROW, scoresOf, SPAN, stateBytes, sumsOf, TOKENS, widenedOf } from "./state";

/** The inside: c (+)= a b over the panels of a block; module.ts chooses which of group/index.ts. */
// @ts-ignore: decorator
@external("env", "multiply")
declare function multiply(
  heads: i32,
  a: usize,
  b: usize,
  panel: i32,
  depth: i32,
  panels: i32,
  c: usize,
  more: bool,
): void;

/** Products x become weights, whose largest is 1; m and l of each head go to `sums` (group/softmax.ts). */
// @ts-ignore: decorator
@external("env", "soften")
declare function soften(heads: i32, x: usize, count: i32, c: f32, sums: usize): void;

/** What the call at hand is about; each thread has an instance of its own. */
let k: usize = 0;
let v: usize = 0;
let format: i32 = 0;
let stride: i32 = 0;
let T: i32 = 0;
let S: i32 = 0;
let D: i32 = 0;
let KD: i32 = 0;
/** Query heads of a group, and how many of them are attended to at once. */
let heads: i32 = 0;
let part: i32 = 0;

/** Some heads of a token, whose queries are at q, meet `count` positions from `first` on: m, l and a are left in the state. */
function attend(state: usize, q: usize, n: i32, kh: i32, first: i32, count: i32): void {
  const x = scoresOf(state);
  const a = mixedOf(state);
  const wide = widenedOf(state);
  for (let h = 0; h < n; h++) memory.copy(state + h * ROW, q + <usize>(h * D) * 4, <usize>D * 4);
  for (let s = 0; s < count; s += BLOCK) {
    const b = widened(true, place(k, first + s) + kh * stride, format, D, wide);
    multiply(n, state, b, D * 32, D, (min(BLOCK, count - s) + 7) / 8, x + s * 4, false);
  }
  soften(n, x, count, <f32>(Math.LOG2E / sqrt<f64>(D)), sumsOf(state));
  for (let s = 0; s < count; s += BLOCK) {
    const b = widened(false, place(v, first + s) + kh * stride, format, D, wide);
    multiply(n, x + s * 4, b, BLOCK * 32, min(BLOCK, count - s), D / 8, a, s > 0);
  }
}

/** What attend() left meets what is kept of the spans before. */
function take(state: usize, first: bool, sums: usize, a: usize, n: i32): void {
  for (let h = 0; h < n; h++) {
    merge(first, sums + h * 8, a + <usize>(h * D) * 4, sumsOf(state) + h * 8, mixedOf(state) + h * ROW, D);
  }
}

/** How much a token sees. */
// @ts-ignore: decorator
@inline
function seen(t: i32): i32 {
  return S - T + t + 1;
}

/** Where the first of a group's heads has its place among the rows of queries, or of results, of a token. */
// @ts-ignore: decorator
@inline
function rowOf(t: i32, kh: i32): usize {
  return (<usize>t * (KD / D) + kh) * heads * D * 4;
}

/** A group of some tokens against all that they see, span by span. */
function whole(state: usize, q: usize, out: usize, from: i32, to: i32, kh: i32): void {
  for (let h = 0; h < heads; h += part) {
    const n = min(part, heads - h);
    const skip = <usize>(h * D) * 4;
    for (let s = 0; s < seen(to - 1); s += SPAN) {
      for (let t = from; t < to; t++) {
        if (s >= seen(t)) continue;
        const row = rowOf(t, kh) + skip;
        attend(state, q + row, n, kh, s, min(SPAN, seen(t) - s));
        take(state, s == 0, keptOf(state, t - from), out + row, n);
      }
    }
    for (let t = from; t < to; t++) {
      const row = out + rowOf(t, kh) + skip;
      for (let i = 0; i < n; i++) divide(keptOf(state, t - from) + i * 8, row + <usize>(i * D) * 4, D);
    }
  }
}

/** A group of one token against one span, to its record. */
function piece(state: usize, q: usize, t: i32, kh: i32, s: i32, record: usize): void {
  for (let h = 0; h < heads; h += part) {
    const n = min(part, heads - h);
    attend(state, q + rowOf(t, kh) + <usize>(h * D) * 4, n, kh, s, min(SPAN, seen(t) - s));
    take(state, true, record + h * 8, record + heads * 8 + <usize>(h * D) * 4, n);
  }
}

/** Where the record of a span is. */
// @ts-ignore: decorator
@inline
function recordOf(records: usize, t: i32, kh: i32, span: i32): usize {
  const spans = (S + SPAN - 1) / SPAN;
  return records + ((<usize>t * (KD / D) + kh) * spans + span) * heads * (8 + D * 4);
}

/** Threads share groups of tokens, or, with records, spans: then attention_merge() is what is left to do. */
export function attention(
  thread: i32,
  threads: i32,
  q: usize,
  keys: usize,
  values: usize,
  kept: i32,
  toNext: i32,
  out: usize,
  tokens: i32,
  positions: i32,
  HD: i32,
  width: i32,
  size: i32,
  scratch: usize,
  records: usize,
): void {
  k = keys;
  v = values;
  format = kept;
  stride = toNext;
  sizes(tokens, positions, HD, width, size);
  const state = scratch + thread * stateBytes(D);
  const keyHeads = KD / D;
  if (records == 0) {
    const units = ((T + TOKENS - 1) / TOKENS) * keyHeads;
    for (let unit = thread; unit < units; unit += threads) {
      const t = (unit / keyHeads) * TOKENS;
      whole(state, q, out, t, min(T, t + TOKENS), unit % keyHeads);
    }
    return;
  }
  const pieces = ((S + SPAN - 1) / SPAN) * T * keyHeads;
  for (let i = thread; i < pieces; i += threads) {
    const t = (i / keyHeads) % T;
    const kh = i % keyHeads;
    const span = i / keyHeads / T;
    if (span * SPAN < seen(t)) piece(state, q, t, kh, span * SPAN, recordOf(records, t, kh, span));
  }
}

function sizes(tokens: i32, positions: i32, HD: i32, width: i32, size: i32): void {
  T = tokens;
  S = positions;
  KD = width;
  D = size;
  heads = HD / KD;
  const parts = (heads + HEADS - 1) / HEADS;
  part = (heads + parts - 1) / parts;
}

/** Merges the spans of every head, for one thread. */
export function attention_merge(
  _thread: i32,
  _threads: i32,
  out: usize,
  tokens: i32,
  positions: i32,
  HD: i32,
  width: i32,
  size: i32,
  scratch: usize,
  records: usize,
): void {
  sizes(tokens, positions, HD, width, size);
  const sums = sumsOf(scratch);
  for (let t = 0; t < T; t++) {
    for (let kh = 0; kh < KD / D; kh++) {
      for (let h = 0; h < heads; h++) {
        const row = out + rowOf(t, kh) + <usize>(h * D) * 4;
        for (let s = 0; s < seen(t); s += SPAN) {
          const record = recordOf(records, t, kh, s / SPAN);
          merge(s == 0, sums, row, record + h * 8, record + heads * 8 + <usize>(h * D) * 4, D);
        }
        divide(sums, row, D);
      }
    }
  }
}
