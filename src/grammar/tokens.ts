/**
 * The tokens of a vocabulary by their bytes, in order, so that what is common to neighbours is looked at once.
 */
import type { Tokenizer } from "../text/tokenizer.ts";
import type { Automaton, State } from "./automaton.ts";

/** Which ids may come: a byte each, 1 or 0. */
export type Mask = Uint8Array;

/** Rejected tokens are those that share more bytes with the one before than that one got through. */
const ALL = 2 ** 31;

/** A vocabulary's tokens in the order of their bytes. */
export class TokenBytes {
  /** One more than the highest id. */
  readonly size: number;
  /** Ids in the order of their bytes. */
  private readonly ids: Int32Array;
  /** All bytes, one token after another, and where each begins. */
  private readonly bytes: Uint8Array;
  private readonly starts: Int32Array;
  /** How many bytes a token has in common with the one before. */
  private readonly common: Int32Array;

  /** Special tokens, whose text is never meant, and those without bytes are left out. */
  constructor(tokenizer: Tokenizer) {
    this.size = tokenizer.size;
    const special = new Set(tokenizer.added.filter((token) => token.special).map(({ id }) => id));
    const tokens: { id: number; bytes: Uint8Array }[] = [];
    for (let id = 0; id < this.size; id++) {
      const bytes = tokenizer.bytesOf(id);
      if (bytes.length > 0 && !special.has(id)) tokens.push({ id, bytes });
    }
    tokens.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    this.ids = Int32Array.from(tokens, ({ id }) => id);
    this.bytes = Buffer.concat(tokens.map(({ bytes }) => bytes));
    this.starts = new Int32Array(tokens.length + 1);
    this.common = new Int32Array(tokens.length);
    tokens.forEach(({ bytes }, i) => {
      this.starts[i + 1] = this.starts[i]! + bytes.length;
      if (i > 0) this.common[i] = common(tokens[i - 1]!.bytes, bytes);
    });
  }

  /**
   * Which tokens may come at a point of a text.
   *
   * cost     one step for each byte in which a token differs from the one before, no more than 600,000 for Qwen's
   */
  allowed(automaton: Automaton, state: State): Mask {
    const { ids, bytes, starts, common } = this;
    const mask = new Uint8Array(this.size);
    /** States after each byte of the last token that was looked at, and how many bytes it got through. */
    const states: State[] = [state];
    let through = ALL;
    for (let i = 0; i < ids.length; i++) {
      const shared = common[i]!;
      if (shared > through) continue;
      through = ALL;
      const start = starts[i]!;
      const length = starts[i + 1]! - start;
      for (let depth = shared; depth < length; depth++) {
        const next = automaton.step(states[depth]!, bytes[start + depth]!);
        if (next === null) {
          through = depth;
          break;
        }
        states[depth + 1] = next;
      }
      if (through === ALL) mask[ids[i]!] = 1;
    }
    return mask;
  }
}

function common(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  let same = 0;
  while (same < length && a[same] === b[same]) same++;
  return same;
}
