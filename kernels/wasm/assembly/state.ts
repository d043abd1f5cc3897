/**
 * What a thread keeps while it attends: rows of eight heads, their sums, and a block widened to float32.
 *
 * layout   queries, scores and what is mixed: each f32 [8 heads] in rows of ROW bytes; m and l of eight heads for each of
 *          TOKENS tokens, and of a span; a block f32 [64 D]; attention.ts (JavaScript) makes as much room
 */

/** Positions whose scores are there at once: what comes of other spans is merged, in their order. */
export const SPAN: i32 = 256;
/** The most heads that are attended to at once. */
export const HEADS: i32 = 8;
/** The most tokens that one thread attends to span by span, while the span is in its cache. */
export const TOKENS: i32 = 8;

/** Bytes of a row: as many numbers as a span has positions, and a line of the cache, so that rows lie apart. */
// @ts-ignore: decorator
@inline
export const ROW: usize = 1088;

/** Bytes of m and l of eight heads. */
// @ts-ignore: decorator
@inline
export const SUMS: usize = 64;

// @ts-ignore: decorator
@inline
export function scoresOf(state: usize): usize {
  return state + 8 * ROW;
}

// @ts-ignore: decorator
@inline
export function mixedOf(state: usize): usize {
  return state + 16 * ROW;
}

/** m and l of the span at hand. */
// @ts-ignore: decorator
@inline
export function sumsOf(state: usize): usize {
  return state + 24 * ROW;
}

/** m and l of a token's spans so far. */
// @ts-ignore: decorator
@inline
export function keptOf(state: usize, token: i32): usize {
  return state + 24 * ROW + <usize>(token + 1) * SUMS;
}

// @ts-ignore: decorator
@inline
export function widenedOf(state: usize): usize {
  return state + 24 * ROW + <usize>(TOKENS + 1) * SUMS;
}

/** All bytes of a thread. */
// @ts-ignore: decorator
@inline
export function stateBytes(D: i32): usize {
  return 24 * ROW + <usize>(TOKENS + 1) * SUMS + <usize>D * 256;
}
