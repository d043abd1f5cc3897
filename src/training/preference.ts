/** Bradley and Terry's model of preference: the better answer has the higher reward, by how much says how surely. */

/**
 * The loss of a pair, and its slope.
 *
 *   P(chosen is liked better) = sigmoid(d),   d = r(chosen) - r(rejected)
 *   loss                = -ln sigmoid(d) = ln(1 + exp(-d))
 *   dloss / dr(chosen)  = -sigmoid(-d),   dloss / dr(rejected) = sigmoid(-d)      since d sigmoid / dd = sigmoid(d) sigmoid(-d)
 *
 * A reward is the one logit, U [1 C], of a sequence's last token: so the gradient of the logits is the slope there and 0 at all
 * other tokens, and goes back through U and the layers as any other.
 *
 * numbers  float64; exp of -|d| alone, so that no difference is an overflow
 * source   Bradley and Terry 1952 (Biometrika 39, 324); Ouyang et al. 2022 (arXiv 2203.02155) equation 1
 * golden   training/preference
 */
export function preference(chosen: number, rejected: number): { readonly loss: number; readonly slope: number } {
  const d = chosen - rejected;
  const e = Math.exp(-Math.abs(d));
  const loss = Math.log1p(e) + Math.max(0, -d);
  return { loss, slope: (d >= 0 ? e : 1) / (1 + e) };
}
