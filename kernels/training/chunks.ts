/** How a batch is cut: by its own sizes alone, never by the number of threads. */

/** Tokens of a chunk: what its layers leave fits a core's own cache, and a product is worth its packing. */
const MOST = 512;
const LEAST = 96;

/**
 * Items, in order, in chunks of about as many tokens each: one chunk a part, or several where they would be longer than 512
 * tokens, or fewer parts where they would be shorter than 96.
 */
export function chunksOf<X>(items: readonly X[], tokensOf: (item: X) => number, parts: number): X[][] {
  const total = items.reduce((sum, item) => sum + tokensOf(item), 0);
  const several = Math.ceil(total / parts / MOST);
  const count = Math.max(1, Math.min(parts * several, Math.ceil(total / LEAST)));
  const chunks = Array.from({ length: count }, (): X[] => []);
  let before = 0;
  for (const item of items) {
    const tokens = tokensOf(item);
    chunks[Math.min(count - 1, Math.floor(((before + tokens / 2) * count) / total))]!.push(item);
    before += tokens;
  }
  return chunks.filter((chunk) => chunk.length > 0);
}

/** `count` ranges of all values, in multiples of four: who does which changes nothing. */
export function ranges(values: number, count: number): { from: number; values: number }[] {
  const each = Math.ceil(values / count / 4) * 4;
  const all = Array.from({ length: count }, (_, i) => ({ from: i * each, values: Math.min(each, values - i * each) }));
  return all.filter((range) => range.values > 0);
}

/** Runs of neighbouring chunks, at most `count`, of as equal length as can be. */
export function shardsOf<X>(chunks: readonly X[], count: number): X[][] {
  const shards = Math.min(count, chunks.length);
  return Array.from({ length: shards }, (_, s) =>
    chunks.slice(Math.floor((s * chunks.length) / shards), Math.floor(((s + 1) * chunks.length) / shards)),
  );
}
