/**
 * The chance that at least one of k samples passes, from n samples of which c passed.
 *
 *   pass@k = 1 - C(n - c, k) / C(n, k) = 1 - prod over i = n - c + 1 .. n of (1 - k / i)
 *
 * It is unbiased; 1 - (1 - c/n)^k is not, and too small.
 *
 * throws   UsageError where not 0 <= c <= n or not 1 <= k <= n
 * source   Chen et al. 2021 (arXiv 2107.03374) equation 1
 */
import { UsageError } from "../errors.ts";

/** 1 - C(n - c, k) / C(n, k): the chance that one of k samples passes, where c of n did. Throws UsageError E_VERIFY_PASS. */
export function passAtK(n: number, c: number, k: number): number {
  const whole = [n, c, k].every(Number.isSafeInteger);
  if (!whole || c < 0 || c > n || k < 1 || k > n) {
    throw new UsageError("E_VERIFY_PASS", "passAtK", {
      expected: "0 <= passed <= samples and 1 <= k <= samples",
      actual: `${n} samples, ${c} passed, k = ${k}`,
    });
  }
  if (n - c < k) return 1;
  let none = 1;
  for (let i = n - c + 1; i <= n; i++) none *= 1 - k / i;
  return 1 - none;
}

/** The mean of pass@k over problems, each with the verdicts of its samples. Those with fewer than k are left out. */
export function meanPassAtK(problems: readonly (readonly boolean[])[], k: number): number {
  const enough = problems.filter((samples) => samples.length >= k);
  const each = enough.map((samples) => passAtK(samples.length, samples.filter(Boolean).length, k));
  return each.reduce((sum, x) => sum + x, 0) / each.length;
}
