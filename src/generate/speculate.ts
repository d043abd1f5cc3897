/**
 * Prompt-lookup speculation: what followed the last few ids when they stood in the text before is tried as a draft. The
 * model reads a draft in one pass and each of its tokens is drawn as ever, so a draft saves time or costs it, and changes
 * no token.
 *
 * source  prompt lookup decoding: Saxena, 2023; transformers generation/candidate_generator.py,
 *         PromptLookupCandidateGenerator
 */

/** Ids that have to be the same: three, or else two. */
const NGRAMS = [3, 2] as const;

/** After so many drafts in a row of which nothing was right, so many tokens go without one: 1, 2, 4 ... at most. */
const LONGEST_PAUSE = 32;

/** What is drafted after the ids so far. */
export class Drafts {
  private readonly ids: number[] = [];
  /** Where the ids after an n-gram begin, at its last place but the end; one map an n. */
  private readonly places = NGRAMS.map(() => new Map<string, number>());
  private misses = 0;
  private pause = 0;

  /** cost  a look into two maps an id, however long the text */
  push(id: number): void {
    const at = this.ids.length;
    NGRAMS.forEach((n, i) => at >= n && this.places[i]!.set(this.key(n), at)); // what ended before this id
    this.ids.push(id);
  }

  /** At most `most` ids that may come next; none where nothing of the kind was seen, or drafts have failed of late. */
  propose(most: number): Uint32Array {
    if (this.pause > 0) {
      this.pause--;
      return new Uint32Array(0);
    }
    for (const [i, n] of NGRAMS.entries()) {
      const at = this.ids.length < n ? undefined : this.places[i]!.get(this.key(n));
      if (at !== undefined) return Uint32Array.from(this.ids.slice(at, at + most));
    }
    return new Uint32Array(0);
  }

  /** Says how many ids of the last draft came. */
  came(accepted: number): void {
    this.misses = accepted > 0 ? 0 : this.misses + 1;
    this.pause = accepted > 0 ? 0 : Math.min(LONGEST_PAUSE, 2 ** (this.misses - 1));
  }

  private key(n: number): string {
    return this.ids.slice(-n).join();
  }
}
