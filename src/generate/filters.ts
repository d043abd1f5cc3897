/**
 * Top-k, top-p and min-p: which ids stay. Each takes a row of scores and the ids still in it (ascending; every other
 * score counts as minus infinity), and returns those it keeps, ascending, at least one.
 *
 * numbers  as PyTorch computes them: float32 probabilities, a cumulative sum in float64 rounded to float32 at each step,
 *          thresholds rounded to float32
 * source   transformers 5.23 generation/logits_process.py: TopKLogitsWarper, TopPLogitsWarper, MinPLogitsWarper
 */
import { sortedIds } from "./introsort.ts";
import { softmaxFloat32 } from "./softmax.ts";

const { fround } = Math;

/** Keeps scores not below the k-th greatest: k ids, and more where others equal it. */
export function topK(scores: Float32Array, ids: Uint32Array, k: number): Uint32Array {
  if (k >= ids.length) return ids;
  const left = gather(scores, ids);
  return notBelow(left, ids, kthGreatest(left, k));
}

/**
 * Drops ids from the least likely up, while their probabilities together do not exceed 1 - p; never the last.
 *
 * Where equal scores lie on both sides of the threshold, those stay that `torch.sort` puts last, which takes the whole
 * row sorted its way; where they do not, the scores alone decide.
 */
export function topP(scores: Float32Array, ids: Uint32Array, p: number): Uint32Array {
  const width = scores.length;
  const left = gather(scores, ids);
  const ascending = left.slice().sort();
  const places = ids.map((_, i) => width - ids.length + i);
  const drop = dropped(softmaxFloat32(ascending, places, width), fround(1 - p));
  const bound = ascending[drop]!;
  if (drop === 0 || ascending[drop - 1]! < bound) return notBelow(left, ids, bound);
  const row = new Float32Array(width).fill(-Infinity);
  for (const id of ids) row[id] = scores[id]!;
  return sortedIds(row).subarray(places[drop]).sort();
}

/** Keeps ids whose probability is at least `fraction` of the greatest. */
export function minP(scores: Float32Array, ids: Uint32Array, fraction: number): Uint32Array {
  const p = softmaxFloat32(gather(scores, ids), ids, scores.length);
  const bound = fround(fround(fraction) * p.reduce((a, b) => Math.max(a, b), 0));
  return notBelow(p, ids, bound);
}

/** The scores of `ids`, one after another. */
export function gather(scores: Float32Array, ids: Uint32Array): Float32Array {
  const x = new Float32Array(ids.length);
  for (let i = 0; i < x.length; i++) x[i] = scores[ids[i]!]!;
  return x;
}

/** Those of `ids` whose value, at the same place in `x`, is not below the bound. */
function notBelow(x: Float32Array, ids: Uint32Array, bound: number): Uint32Array {
  const kept = new Uint32Array(ids.length);
  let n = 0;
  for (let i = 0; i < ids.length; i++) if (x[i]! >= bound) kept[n++] = ids[i]!;
  return kept.subarray(0, n);
}

/** How many of the ascending probabilities top-p drops. */
function dropped(p: Float32Array, threshold: number): number {
  let sum = 0;
  for (let i = 0; i < p.length - 1; i++) {
    sum += p[i]!;
    if (fround(sum) > threshold) return i;
  }
  return p.length - 1;
}

/** The k-th greatest value, from a heap of the k greatest so far, the least of them on top. */
export function kthGreatest(values: Float32Array, k: number): number {
  const heap = new Float32Array(k).fill(-Infinity);
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (x <= heap[0]!) continue;
    let hole = 0;
    for (let child = 1; child < k; child = 2 * hole + 1) {
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= x) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = x;
  }
  return heap[0]!;
}
