/** What a cell shows before it ends: the last value of a cell appears by itself, `show` is for those before it. */

const SHOWN = Symbol.for("qwq.show");

/** Shows a picture, or any value, in the notebook; outside of one it is printed. */
export function show(value: unknown): void {
  const kernel = (globalThis as { [SHOWN]?: (value: unknown) => void })[SHOWN];
  if (kernel === undefined) print(value);
  else kernel(value);
}

/** A list of n things, the i-th of which `make` makes: what a loop over an axis gives. */
export const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** One line of text in the notebook. */
export function print(value: unknown): void {
  process.stdout.write(`${String(value)}\n`);
}
