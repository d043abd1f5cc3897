/** A fixed partition: which of n things a thread takes, in groups of `step`. Who takes what never changes a result. */

/** The first thing of `thread`, of `threads`. */
// @ts-ignore: decorator
@inline
export function first(n: i32, step: i32, thread: i32, threads: i32): i32 {
  const groups = (n + step - 1) / step;
  const at = i32((i64(groups) * thread) / threads) * step;
  return at < n ? at : n;
}
