/**
 * OpenAI's penalties, on the logits of the tokens of this reply:
 *
 *   logit[j] - count[j] frequency - (count[j] > 0) presence + bias[j]
 *
 * source  OpenAI's API reference, "Frequency and presence penalties"
 */
import type { Steering } from "../generate/steering.ts";
import type { Penalties } from "./settings.ts";

export class Penalised implements Steering {
  private readonly penalties: Penalties;
  private readonly counts = new Map<number, number>();

  constructor(penalties: Penalties) {
    this.penalties = penalties;
  }

  steer(logits: Float32Array): Float32Array {
    const { presence, frequency, bias } = this.penalties;
    const changed = logits.slice();
    for (const [id, count] of this.counts) changed[id]! -= count * frequency + presence;
    for (const [id, more] of bias) changed[id]! += more;
    return changed;
  }

  push(id: number): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }
}
