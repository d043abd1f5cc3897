/** What a model has read, kept from one prompt to the next: a conversation is not read again at every turn. */
import type { LayerCache } from "../ops.ts";

/** Caches and the ids they hold, from one prompt to the next. */
export interface Memory {
  caches: LayerCache[];
  ids: number[];
}

/** Forgets what does not begin the new prompt; how many of its ids need not be read again. The last one always is. */
export function recall(memory: Memory, ids: Uint32Array): number {
  const held = Math.min(memory.caches[0]?.length ?? 0, ids.length - 1);
  let same = 0;
  while (same < held && memory.ids[same] === ids[same]) same++;
  for (const cache of memory.caches) cache.truncate(same);
  return same;
}
