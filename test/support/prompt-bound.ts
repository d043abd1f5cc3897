/**
 * The exact sum, and what prompt.ts and panel.ts may change: in each chunk 0.5 of a step of the activations, norm / 32700; 1.07
 * of a step of the weights, which is at most four times the largest of them / 4090 (2^p is at most twice what such drawn
 * blocks hold, and minimums come on top); half of the product of both; and 4 u of the norm for the sums.
 */
export function promptBound(w: Float32Array, x: Float32Array): { sum: number; bound: number } {
  let [sum, bound] = [0, 0];
  for (let first = 0; first < w.length; first += 256) {
    const [wk, xk] = [w.subarray(first, first + 256), x.subarray(first, first + 256)];
    const dx = (0.5 * Math.hypot(...xk)) / 32700;
    const dw = (1.07 * 4 * wk.reduce((most, value) => Math.max(most, Math.abs(value)), 0)) / 4090;
    wk.forEach((value, i) => {
      sum += value * xk[i]!;
      const [a, b] = [Math.abs(value), Math.abs(xk[i]!)];
      bound += a * dx + b * dw + dx * dw + 4 * 2 ** -24 * a * b;
    });
  }
  return { sum, bound };
}
