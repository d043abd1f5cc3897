import { type Config, type LayerCache, zeros } from "qwq-ts";

/**
 * Keys and values of the tokens seen so far, one row a token: keys after RoPE, values as projected, before any sharing
 * between query heads. Memory grows as tokens come, by doubling, up to the capacity: 2 K D values a token and layer.
 */

/** One empty cache a layer, for at most `capacity` tokens. */
export function cache(config: Config, capacity: number): LayerCache[] {
  throw new Error("cache is not written yet");
}
