/**
 * A limit on thoughts: after so many tokens of them, what ends them is put into the model's mouth, and the answer follows.
 *
 * A dense model computes as much for an easy token as for a hard one; the number of tokens is what it can spend more or
 * less of. This bounds it.
 *
 * source  Muennighoff et al. 2025 (arXiv 2501.19393) 3.1, "budget forcing", its upper bound
 */

/** The limit, in ids of the model's own tokenizer. */
export interface ThoughtLimit {
  /** At most so many tokens of thoughts; 0, none. */
  readonly most: number;
  /** Whether the prompt has begun a thought. */
  readonly opened: boolean;
  /** The id that begins thoughts, and the one that ends them. */
  readonly begin: number | undefined;
  readonly end: number;
  /** What is said in the model's place when there have been so many: the end, with the lines around it. */
  readonly forced: readonly number[];
}

/** Counts the tokens of thoughts as they come. */
export class Thoughts {
  private readonly limit: ThoughtLimit;
  private thinking: boolean;
  private count = 0;
  private due: number[] = [];

  constructor(limit: ThoughtLimit) {
    this.limit = limit;
    this.thinking = limit.opened;
  }

  /** The id that has to come now; undefined where the model is free to choose. */
  next(): number | undefined {
    if (this.thinking && this.count >= this.limit.most && this.due.length === 0) {
      this.due = [...this.limit.forced];
      this.thinking = false;
    }
    return this.due.shift();
  }

  /** This id has come. */
  push(id: number): void {
    const { begin, end } = this.limit;
    if (id === end) this.thinking = false;
    else if (id === begin) this.thinking = true;
    else if (this.thinking) this.count++;
  }
}
