/** How sure a share of successes is, and a change of it. */

/** A share and the interval that holds the true one 95 times in 100. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly of: number;
}

/** The 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/**
 * Wilson's interval of `right` of `of` independent trials; unlike mean +- z sd it stays within 0 and 1, and says something
 * of 0 of n and n of n.
 *
 *   (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
 *
 * throws   nothing; of no trials the share is NaN and the interval [0, 1]
 * source   Wilson 1927 (JASA 22, 209); Brown, Cai and DasGupta 2001 (Statistical Science 16, 101)
 */
export function wilson(right: number, of: number): Share {
  if (of === 0) return { share: NaN, low: 0, high: 1, of };
  const p = right / of;
  const middle = p + (Z * Z) / (2 * of);
  const half = Z * Math.sqrt((p * (1 - p)) / of + (Z * Z) / (4 * of * of));
  const scale = 1 + (Z * Z) / of;
  return { share: p, low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale), of };
}

/** How much a share has changed on the same problems, and the interval that holds the true change 95 times in 100. */
export interface Change {
  readonly change: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The change from `before` to `after`, one of each for every problem. Only problems on which they differ count: b that were
 * right and are not, c that were not and are.
 *
 *   (c - b) / n +- z sqrt(b + c - (c - b)^2 / n) / n
 *
 * shapes   before and after [n]
 * source   Newcombe 1998 (Statistics in Medicine 17, 2635): method 1
 */
export function changed(before: readonly boolean[], after: readonly boolean[]): Change {
  const n = before.length;
  const lost = before.filter((was, i) => was && !after[i]).length;
  const won = before.filter((was, i) => !was && after[i]!).length;
  const [change, half] = [(won - lost) / n, (Z * Math.sqrt(lost + won - (won - lost) ** 2 / n)) / n];
  return { change, low: change - half, high: change + half };
}

/**
 * The change from one share to another, where it is not known which trials were the same or they were not: wider than
 * `changed` where they were.
 *
 *   d = p2 - p1,   from d - sqrt((p2 - l2)^2 + (u1 - p1)^2) to d + sqrt((u2 - p2)^2 + (p1 - l1)^2)
 *
 * with l and u the ends of Wilson's intervals.
 *
 * source   Newcombe 1998 (Statistics in Medicine 17, 873): method 10
 */
export function difference(before: Share, after: Share): Change {
  const change = after.share - before.share;
  const low = change - Math.hypot(after.share - after.low, before.high - before.share);
  const high = change + Math.hypot(after.high - after.share, before.share - before.low);
  return { change, low, high };
}
