/**
 * Bisection: the first layer whose output is wrong, with as few runs of an engine as that takes.
 */

/** The first of `count` layers that is bad, if once bad stays bad; `undefined` where the last is good. */
export async function firstBad(count: number, isBad: (layer: number) => Promise<boolean>): Promise<number | undefined> {
  if (count === 0 || !(await isBad(count - 1))) return undefined;
  let [good, bad] = [-1, count - 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (await isBad(middle)) bad = middle;
    else good = middle;
  }
  return bad;
}
