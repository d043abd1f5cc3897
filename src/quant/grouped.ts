/**
 * One row of a matrix of small integers whose inputs share scales and zero points in groups.
 *
 *   W[i] = (q[i] - z[g(i)]) s[g(i)]
 *
 * numbers  q - z has at most 9 bits and s at most 24, so the product is exact in float64 and the store rounds it once; for
 *          scales of half precision nothing is rounded at all
 * source   GPTQ: Frantar et al., 2022, arXiv 2210.17323; AWQ: Lin et al., 2023, arXiv 2306.00978
 * golden   packed/layers
 */
export interface GroupedRow {
  /** The row's integers, one an input. */
  readonly q: Int8Array | Int16Array;
  /** The group of each input. */
  readonly group: Int32Array;
  /** Scales and zero points of many rows, `at` the first of this one. */
  readonly scales: Float32Array;
  readonly zeros: Int16Array;
  readonly at: number;
}

/** Widens the row into `into`, from `into[to]` on. */
export function widenGrouped({ q, group, scales, zeros, at }: GroupedRow, into: Float32Array, to: number): void {
  for (let i = 0; i < q.length; i++) {
    const g = at + group[i]!;
    into[to + i] = (q[i]! - zeros[g]!) * scales[g]!;
  }
}
