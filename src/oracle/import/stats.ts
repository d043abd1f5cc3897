/** Statistics of values that may not all be finite, as a manifest has them. */
import type { TapStats } from "../bundle.ts";

export function statsOf(values: Float32Array): TapStats {
  let [absmax, squares, nonfinite] = [0, 0, 0];
  for (const x of values) {
    if (!Number.isFinite(x)) nonfinite++;
    else {
      absmax = Math.max(absmax, Math.abs(x));
      squares += x * x;
    }
  }
  return { absmax, rms: Math.sqrt(squares / Math.max(1, values.length - nonfinite)), nonfinite };
}
