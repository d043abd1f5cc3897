/**
 * Watches for NaN and infinity while the model runs, so that nothing is ever drawn from them.
 */
import { FormatError } from "../errors.ts";
import type { Activations, Observe } from "../model.ts";
import type { Ops } from "../ops.ts";
import { type Host, isHost } from "../tensor.ts";

/** An activation in this computer's memory, whatever its axes. */
type Values = Pick<Host<string>, "data" | "shape">;

/**
 * Observes layers and throws at the first whose `out` is not finite, naming its first activation that is not: "0.q".
 * `position` is that of the call's first token. It is for backends that compute when they are asked.
 *
 * throws  FormatError E_NUM_NONFINITE
 */
export function watch(ops: Ops, position: number): Observe {
  return (layer, acts) => {
    const out = isHost(acts.out) ? acts.out : ops.download(acts.out);
    if (out instanceof Promise || firstNonFinite(out) < 0) return;
    checkRecord(layer, acts, position);
    checkFinite(out, `${layer}.out`, position);
  };
}

/** Throws FormatError E_NUM_NONFINITE if a value is NaN or infinite; `name` is the tap's, `position` row 0's. */
export function checkFinite(x: Values, name: string, position: number): void {
  const at = firstNonFinite(x);
  if (at >= 0) throw nonFinite(x, at, name, position);
}

/** The same for a layer's activations in the order of the page, as far as they lie in this computer's memory. */
function checkRecord(layer: number, acts: Activations, position: number): void {
  for (const [name, x] of Object.entries(acts)) if (isHost(x)) checkFinite(x, `${layer}.${name}`, position);
}

function nonFinite({ data, shape }: Values, at: number, name: string, position: number): FormatError {
  const width = shape[1] ?? 1;
  return new FormatError("E_NUM_NONFINITE", "model", {
    expected: "finite activations",
    actual: `${data[at]!} at position ${position + Math.floor(at / width)}, column ${at % width}`,
    tensor: name,
    hint: "Look for NaN and overflow in the weights with qwq inspect --weights.",
  });
}

/** Whether every value is a number: then each less itself is 0, and so is their sum, else NaN. */
export function allFinite(x: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = x.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += x[i]! - x[i]!;
    b += x[i + 1]! - x[i + 1]!;
    c += x[i + 2]! - x[i + 2]!;
    d += x[i + 3]! - x[i + 3]!;
  }
  for (let i = whole; i < x.length; i++) a += x[i]! - x[i]!;
  return a + b + c + d === 0;
}

function firstNonFinite({ data }: Values): number {
  if (allFinite(data)) return -1;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return i;
  return -1;
}
