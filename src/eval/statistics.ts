/** From right and wrong replies to the numbers that are compared. */

/** A share and the interval that holds the true one 95 times in 100. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/**
 * Wilson's interval around the share `p` of `n` trials; `n` need not be whole.
 *
 *   (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
 *
 * source   Wilson 1927 (JASA 22, 209)
 */
export function wilson(p: number, n: number): Estimate {
  if (n === 0) return { value: NaN, low: 0, high: 1 };
  const middle = p + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  return { value: p, low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

/**
 * The mean of the problems' own means, with Wilson's interval. Replies to one problem resemble each other, so n problems
 * of m replies are worth fewer than n m trials: as many as have the variance that is seen between problems,
 *
 *   N = p (1 - p) / (s^2 / n),   n <= N <= n m
 *
 * where s^2 is the variance of the problems' means. With one reply each N is n.
 *
 * source   Kish 1965 (Survey Sampling), the design effect; Miller 2024 (arXiv 2411.00640) 2.2, clustered errors
 */
export function meanOf(problems: readonly (readonly number[])[]): Estimate {
  const asked = problems.filter((scores) => scores.length > 0);
  const n = asked.length;
  const means = asked.map(mean);
  const p = mean(means);
  const trials = asked.reduce((sum, scores) => sum + scores.length, 0);
  const variance = n < 2 ? 0 : means.reduce((sum, m) => sum + (m - p) ** 2, 0) / (n - 1);
  const worth = variance === 0 ? (p === 0 || p === 1 ? n : trials) : (p * (1 - p) * n) / variance;
  return wilson(p, Math.min(trials, Math.max(n, worth)));
}

/** The answer that most replies gave; of those that come equally often the one that came first. */
export function majority(answers: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const answer of answers) if (answer !== "") counts.set(answer, (counts.get(answer) ?? 0) + 1);
  let best: string | undefined;
  for (const [answer, count] of counts) if (best === undefined || count > counts.get(best)!) best = answer;
  return best;
}

/** Of lengths: the mean, and the values that 50, 90 and 100 of 100 do not pass. */
export interface Spread {
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly most: number;
}

export function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { mean: mean(sorted), median: at(0.5), p90: at(0.9), most: sorted.at(-1)! };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
