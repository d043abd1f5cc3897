/**
 * The order in which `torch.sort` leaves equal scores. It is not stable: it is libstdc++'s std::sort, an introsort, and
 * where equal scores lie on both sides of top-p's threshold, that order decides which of them are kept.
 *
 * source  libstdc++ bits/stl_algo.h: std::__introsort_loop, __unguarded_partition, __final_insertion_sort;
 *         bits/stl_heap.h: __adjust_heap. PyTorch 2.13 aten/src/ATen/native/cpu/SortingKernel.cpp.
 */

/** Scores and the ids they belong to, moved together. */
interface Row {
  readonly score: Float32Array;
  readonly id: Uint32Array;
}

/** Ranges up to this size are left to the insertion sort at the end. */
const SMALL = 16;

/** Ids in ascending order of their score, equal scores as std::sort leaves them. No score may be NaN. */
export function sortedIds(scores: Float32Array): Uint32Array {
  const row: Row = { score: scores.slice(), id: Uint32Array.from(scores, (_, i) => i) };
  const n = scores.length;
  divide(row, 0, n, 2 * (31 - Math.clz32(n)));
  for (let i = 1; i < n; i++) insert(row, i);
  return row.id;
}

/** Quicksort until ranges are small; heapsort where it has gone `depth` levels down. */
function divide(row: Row, first: number, last: number, depth: number): void {
  while (last - first > SMALL) {
    if (depth === 0) {
      heapSort(row, first, last);
      return;
    }
    depth--;
    medianToFirst(row, first, first + 1, first + ((last - first) >> 1), last - 1);
    const cut = partition(row, first + 1, last, row.score[first]!);
    divide(row, cut, last, depth);
    last = cut;
  }
}

/** Moves the median of the scores at a, b and c to `first`. */
function medianToFirst({ score, id }: Row, first: number, a: number, b: number, c: number): void {
  const [x, y, z] = [score[a]!, score[b]!, score[c]!];
  const median = x < y ? (y < z ? b : x < z ? c : a) : x < z ? a : y < z ? c : b;
  swap({ score, id }, first, median);
}

/** Hoare's partition without bounds checks: the pivot stands outside the range and stops both scans. */
function partition(row: Row, first: number, last: number, pivot: number): number {
  for (;;) {
    while (row.score[first]! < pivot) first++;
    last--;
    while (pivot < row.score[last]!) last--;
    if (first >= last) return first;
    swap(row, first, last);
    first++;
  }
}

/** Moves entry i left past greater ones. */
function insert({ score, id }: Row, i: number): void {
  const s = score[i]!;
  const d = id[i]!;
  for (; i > 0 && s < score[i - 1]!; i--) {
    score[i] = score[i - 1]!;
    id[i] = id[i - 1]!;
  }
  score[i] = s;
  id[i] = d;
}

function heapSort(row: Row, first: number, last: number): void {
  const size = last - first;
  for (let parent = (size - 2) >> 1; parent >= 0; parent--) sink(row, first, parent, size);
  for (let end = size - 1; end > 0; end--) {
    swap(row, first, first + end);
    sink(row, first, 0, end);
  }
}

/** Moves the entry at `hole` down to a leaf along the greater children, then up to its place. */
function sink(row: Row, first: number, hole: number, size: number): void {
  const top = hole;
  for (let child = 2 * hole + 2; child <= size; child = 2 * hole + 2) {
    if (child === size || row.score[first + child]! < row.score[first + child - 1]!) child--;
    swap(row, first + hole, first + child);
    hole = child;
  }
  for (let parent = (hole - 1) >> 1; hole > top && row.score[first + parent]! < row.score[first + hole]!;) {
    swap(row, first + hole, first + parent);
    hole = parent;
    parent = (hole - 1) >> 1;
  }
}

function swap({ score, id }: Row, i: number, j: number): void {
  const s = score[i]!;
  score[i] = score[j]!;
  score[j] = s;
  const d = id[i]!;
  id[i] = id[j]!;
  id[j] = d;
}
