/** What a request puts between logits and drawing, as data, and the steering made of it. */
import { type Steering, steeredBy } from "../generate/steering.ts";
import type { Encoded } from "../library/options.ts";
import type { QwQ } from "../library/qwq.ts";
import { thoughtTags } from "../library/thoughts.ts";
import { Grammars, type Shape } from "./grammars.ts";
import { Penalised } from "./penalties.ts";
import type { Penalties } from "./settings.ts";

export interface Steered {
  readonly penalties: Penalties;
  /** What the reply must look like. */
  readonly shape: Shape | undefined;
}

/** Makes the steering of replies of one model. */
export class Steerings {
  private readonly qwq: QwQ;
  private grammars: Grammars | undefined;

  constructor(qwq: QwQ) {
    this.qwq = qwq;
  }

  /** That of one reply; undefined where nothing is asked for. */
  of({ penalties, shape }: Steered, { ids }: Encoded): Steering | undefined {
    const all: Steering[] = [];
    if (penalties.presence !== 0 || penalties.frequency !== 0 || penalties.bias.size > 0) {
      all.push(new Penalised(penalties));
    }
    if (shape !== undefined) {
      const { tokenizer, checkpoint } = this.qwq;
      this.grammars ??= new Grammars(tokenizer);
      all.push(this.grammars.of(shape).follow(checkpoint.generation.stop, thoughtTags(tokenizer, ids)));
    }
    return steeredBy(all);
  }
}
