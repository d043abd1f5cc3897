/** Gradients that are not longer, all together, than they may be. */
import { named, type Parameters } from "./parameters.ts";

/**
 * Shortens a gradient that is too long, in place; returns how long it was.
 *
 *   length = sqrt(sum over all parameters of d^2);  d = d most / length where length > most
 *
 * numbers  squares and their sum in float64; one rounding of each d
 * source   Pascanu et al. 2013 (arXiv 1211.5063) algorithm 1; torch.nn.utils.clip_grad_norm_, which divides by
 *          length + 1e-6
 */
export function clip(gradients: Parameters, most: number): number {
  const all = [...named(gradients)].map(([, { data }]) => data);
  let squares = 0;
  for (const d of all) for (const x of d) squares += x * x;
  const length = Math.sqrt(squares);
  if (length > most) for (const d of all) for (let i = 0; i < d.length; i++) d[i]! *= most / length;
  return length;
}
