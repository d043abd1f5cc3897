/**
 * How a tensor that is not the other comes from it after all: turned over, its rows in another order, another weight's in
 * its place, moved or scaled. Each guess is tried on some rows.
 */
import type { Config } from "../../config.ts";
import type { Place, Side, Weight } from "./side.ts";
import { distance, rowsOf, sampleOf } from "./sameness.ts";

/** What a tensor is in truth. */
export interface Likeness {
  readonly code: "weights-transposed" | "weights-permuted" | "weights-swapped" | "weights-scaled" | "weights-zero";
  /** In words: "rows of each head interleaved". */
  readonly words: string;
  /** How far it is from that. */
  readonly r: number;
}

/** The best guess that is within `limit`, if one is. Shapes may differ, for one that is turned over. */
export function likeness(place: Place, ours: Side, theirs: Weight, limit: number): Likeness | undefined {
  const own = ours.weight(place)!;
  const turned = transposed(own, theirs);
  const same = own.rows === theirs.rows && own.columns === theirs.columns;
  const guesses = same ? [...permuted(place, own, theirs, ours.config), ...others(place, ours, theirs)] : [];
  const rest = same ? moved(own, theirs) : [];
  return [...(turned === undefined ? [] : [turned]), ...guesses, ...rest]
    .filter(({ r }) => r <= limit)
    .sort((a, b) => a.r - b.r)[0];
}

/** Some rows of one against some columns of the other: nothing is held whole. */
function transposed(own: Weight, theirs: Weight): Likeness | undefined {
  if (own.columns === 1 || own.rows !== theirs.columns || own.columns !== theirs.rows) return undefined;
  const [mine, other] = [sampleOf(own), sampleOf(theirs)];
  const [x, y] = [rowsOf(own, mine), rowsOf(theirs, other)];
  const pick = (values: Float32Array, at: (i: number, j: number) => number) =>
    Float32Array.from({ length: mine.length * other.length }, (_, n) => {
      const [i, j] = [Math.floor(n / other.length), n % other.length];
      return values[at(i, j)]!;
    });
  const expected = pick(x, (i, j) => i * own.columns + other[j]!);
  const actual = pick(y, (i, j) => j * theirs.columns + mine[i]!);
  return { code: "weights-transposed", words: "it is turned over", r: distance(expected, actual) };
}

/** The two orders of a head's rows: the halves one after the other, or neighbours in turn. */
const ORDERS = [
  {
    words: "the rows of each head interleaved, as for RoPE on neighbours",
    from: (d: number, D: number) => (d % 2) * (D / 2) + Math.floor(d / 2),
  },
  {
    words: "the rows of each head pulled apart, as if they had been interleaved",
    from: (d: number, D: number) => (d < D / 2 ? 2 * d : 2 * d - D + 1),
  },
];

function permuted({ ours }: Place, own: Weight, theirs: Weight, { headSize: D }: Config): Likeness[] {
  if (!["Wq", "Wk", "bq", "bk"].includes(ours)) return [];
  // A sample of rows could all stand where the order leaves them: whole heads are looked at.
  const heads = Math.min(2, own.rows / D);
  const rows = Array.from({ length: heads * D }, (_, i) => i);
  const y = rowsOf(theirs, rows);
  return ORDERS.map(({ words, from }) => {
    const expected = rowsOf(
      own,
      rows.map((row) => row - (row % D) + from(row % D, D)),
    );
    return { code: "weights-permuted", words, r: distance(expected, y) };
  });
}

/** Weights of the same shape that may stand in this one's place. */
function others({ ours, layer }: Place, side: Side, theirs: Weight): Likeness[] {
  const near: readonly Place[] =
    layer === undefined
      ? [{ ours: ours === "E" ? "U" : "E", layer }]
      : [
          ...[layer - 1, layer + 1].map((l) => ({ ours, layer: l })),
          ...["g1", "Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "g2", "Wgate", "Wup"]
            .filter((name) => name !== ours)
            .map((name) => ({ ours: name, layer })),
        ].filter((place) => place.layer >= 0 && place.layer < side.config.layers);
  const sample = sampleOf(theirs);
  const y = rowsOf(theirs, sample);
  return near.flatMap((place): Likeness[] => {
    const other = side.weight(place);
    if (other?.rows !== theirs.rows || other.columns !== theirs.columns) return [];
    return [{ code: "weights-swapped", words: `it is ${other.name}`, r: distance(rowsOf(other, sample), y) }];
  });
}

/** One number added to all, or multiplied into all, or nothing at all. */
function moved(own: Weight, theirs: Weight): Likeness[] {
  const sample = sampleOf(own);
  const [x, y] = [rowsOf(own, sample), rowsOf(theirs, sample)];
  const n = x.length;
  if (n < 8) return [];
  const mean = y.reduce((sum, value, i) => sum + value - x[i]!, 0) / n;
  const [dot, square] = [x.reduce((sum, value, i) => sum + value * y[i]!, 0), x.reduce((sum, v) => sum + v * v, 0)];
  const scale = square === 0 ? 0 : dot / square;
  const size = Math.sqrt(square / n);
  const zero = y.every((value) => value === 0);
  if (zero) return [{ code: "weights-zero", words: "it is zero everywhere", r: 0 }];
  return [
    {
      code: "weights-scaled",
      words: `${mean.toPrecision(3)} is added to each value`,
      r:
        Math.abs(mean) < size * 1e-3
          ? Infinity
          : distance(
              x.map((value) => value + mean),
              y,
            ),
    },
    {
      code: "weights-scaled",
      words: `each value is multiplied by ${scale.toPrecision(3)}`,
      r:
        Math.abs(scale) < 1e-6
          ? Infinity
          : distance(
              x.map((value) => value * scale),
              y,
            ),
    },
  ];
}
