/** What the modules have in common that V8 may compile with lanes joined to 256 bits (tile.ts, group.ts). */

/** The same module under a name, a section of its own at its end: of the same bytes V8 would take what it has compiled before. */
export function named(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode("wide");
  return Uint8Array.of(...bytes, 0, name.length + 1, name.length, ...name);
}

/**
 * Of several ways the one whose `run` takes the least time, by the best of twenty times `calls` of each: they take turns, since
 * the machine may be busy with others.
 */
export function fastest<T>(ways: readonly [T, ...T[]], calls: number, run: (way: T) => void): T {
  const least = ways.map(() => Infinity);
  for (let turn = 0; turn < 20; turn++) {
    ways.forEach((way, n) => {
      const began = performance.now();
      for (let i = 0; i < calls; i++) run(way);
      least[n] = Math.min(least[n]!, performance.now() - began);
    });
  }
  return ways[least.indexOf(Math.min(...least))]!;
}
