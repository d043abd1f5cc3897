/** How likely each token of a prompt was. */
import { logSumExp } from "../generate/softmax.ts";
import { likeliest } from "../generate/steering.ts";
import type { PromptToken } from "./answer.ts";

/**
 * Collects ln p(ids[i] | ids[0 .. i - 1]) from the logits of one place after another. The first token has nothing before it.
 *
 *   ln p(ids[i + 1]) = z_i[ids[i + 1]] - ln sum exp z_i
 */
export class PromptScores {
  readonly tokens: PromptToken[];
  private readonly ids: Uint32Array;
  private readonly top: number;

  /** With each token, so many of the likeliest of its place. */
  constructor(ids: Uint32Array, top = 0) {
    this.ids = ids;
    this.top = top;
    this.tokens = ids.length === 0 ? [] : [{ id: ids[0]!, logprob: undefined, top: [] }];
  }

  /** Takes the logits behind the token at `place`, which say how likely the next one is. */
  push(logits: Float32Array, place: number): void {
    const id = this.ids[place + 1];
    if (id === undefined) return; // behind the prompt's end
    this.tokens.push({ id, logprob: logits[id]! - logSumExp(logits), top: likeliest(logits, this.top) });
  }
}
