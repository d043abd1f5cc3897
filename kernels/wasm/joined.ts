/** What the modules have in common that V8 may compile with lanes joined to 256 bits (tile.ts, group.ts). */

/** The same module under a name, a section of its own at its end: of the same bytes V8 would take what it has compiled before. */
export function named(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode("wide");
  return Uint8Array.of(...bytes, 0, name.length + 1, name.length, ...name);
}

/**
 * Whether `run` takes less time as `one` than as `other`, by the best of twenty times `calls` of each: they take turns, since
 * the machine may be busy with others.
 */
export function faster<S extends string>(one: S, other: S, calls: number, run: (as: S) => void): boolean {
  const least = (as: S) => {
    const began = performance.now();
    for (let i = 0; i < calls; i++) run(as);
    return performance.now() - began;
  };
  let [ours, theirs] = [Infinity, Infinity];
  for (let turn = 0; turn < 20; turn++) {
    ours = Math.min(ours, least(one));
    theirs = Math.min(theirs, least(other));
  }
  return ours < theirs;
}
