/** A fixed partition: which of n things a thread takes, in groups of `step`. Who takes what never changes a result. */

/** The first thing of `thread`, of `threads`. */
// @ts-ignore: decorator
@inline
export function first(n: i32, step: i32, thread: i32, threads: i32): i32 {
  const groups = (n + step - 1) / step;
  const at = i32((i64(groups) * thread) / threads) * step;
  return at < n ? at : n;
}

/**
 * How many rows of `blocks` times 32 weights a thread takes at once, 4 to 16, when there are several tokens: the more, the
 * fewer times all tokens are read, as long as the rows stay near. linear.ts makes the scratch for them.
 */
export function group(blocks: i32): i32 {
  return max(4, min(16, (524288 / (200 * max(1, blocks))) & ~3));
}
