/**
 * A grammar in a model's mouth: only tokens whose bytes can go on with a text of the grammar may be drawn. Thoughts are
 * free; the grammar begins where they end.
 *
 * Nothing is parsed a second time: the automaton follows the bytes of what came. A token may hold several signs of the
 * grammar, or a part of one, or of a character.
 *
 * cost     a mask for each new state (tokens.ts), kept; otherwise one reading of the logits
 * source   Willard and Louf 2023 (arXiv 2307.09702), whose states of a regular language these are; Dong et al. 2024 (arXiv
 *          2411.15100) for stacks, and masks that are kept
 */
import type { Steering } from "../generate/steering.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { Automaton, type State } from "./automaton.ts";
import { type Expression, literal, repeat, sequence } from "./expression.ts";
import { type Mask, TokenBytes } from "./tokens.ts";

/** Masks that are kept for one grammar; a mask is a byte a token. */
const MOST_MASKS = 256;

/** After thoughts two line breaks are usual. */
const BREAKS = repeat(literal("\n"), 0, 2);

/** Where thoughts are: their tags, and whether the prompt has begun one. */
export interface ThoughtTags {
  readonly opened: boolean;
  readonly begin: number | undefined;
  readonly end: number | undefined;
}

/** A grammar over a model's tokens. It may be used for many replies. */
export class Grammar {
  /** The model's tokens, by their bytes. */
  readonly tokens: TokenBytes;
  /** The language, as it is followed. */
  readonly automaton: Automaton;
  private readonly tokenizer: Tokenizer;
  private readonly masks = new Map<State, Mask>();

  constructor(language: Expression, tokenizer: Tokenizer, tokens: TokenBytes) {
    this.automaton = new Automaton(sequence(BREAKS, language));
    this.tokenizer = tokenizer;
    this.tokens = tokens;
  }

  /** The tokens that may come. */
  mask(state: State): Mask {
    let mask = this.masks.get(state);
    if (mask === undefined) {
      if (this.masks.size >= MOST_MASKS) this.masks.delete(this.masks.keys().next().value!);
      mask = this.tokens.allowed(this.automaton, state);
    } else this.masks.delete(state); // to be the last that is forgotten
    this.masks.set(state, mask);
    return mask;
  }

  /** Where a token leads; null where it may not come. */
  after(state: State, id: number): State | null {
    let next: State | null = state;
    for (const byte of this.tokenizer.bytesOf(id)) if (next !== null) next = this.automaton.step(next, byte);
    return next;
  }

  /** Follows one reply. `stop` are the ids that end it. */
  follow(stop: readonly number[], thoughts: ThoughtTags): Constraint {
    return new Constraint(this, stop, thoughts);
  }
}

/** Follows one reply: what came, and what may come. */
export class Constraint implements Steering {
  private readonly grammar: Grammar;
  private readonly stop: readonly number[];
  private readonly thoughts: ThoughtTags;
  private thinking: boolean;
  private begun = false;
  private state: State | null;

  constructor(grammar: Grammar, stop: readonly number[], thoughts: ThoughtTags) {
    this.grammar = grammar;
    this.stop = stop;
    this.thoughts = thoughts;
    this.thinking = thoughts.opened;
    this.state = grammar.automaton.start;
  }

  /** Whether what came so far is a whole text of the grammar. */
  get whole(): boolean {
    return this.state?.accepting === true && !this.thinking;
  }

  steer(logits: Float32Array): Float32Array {
    const { state, thoughts } = this;
    if (this.thinking) return this.thinkingOn(logits);
    const mask = state === null ? new Uint8Array(0) : this.grammar.mask(state);
    const changed = new Float32Array(logits.length).fill(-Infinity);
    let any = false;
    for (let id = 0; id < mask.length; id++) {
      if (mask[id] !== 1) continue;
      changed[id] = logits[id]!;
      any ||= logits[id]! > -Infinity;
    }
    const { begin } = thoughts;
    if (!this.begun && begin !== undefined) changed[begin] = logits[begin]!;
    // Where no token can go on, as in a vocabulary without some byte, the reply ends rather than break the grammar.
    if (state === null || state.accepting || !any) for (const id of this.stop) changed[id] = logits[id]!;
    return changed;
  }

  push(id: number): void {
    const { begin, end } = this.thoughts;
    if (this.thinking) this.thinking = id !== end;
    else if (!this.begun && id === begin) this.thinking = true;
    else if (!this.stop.includes(id) && this.state !== null) this.state = this.grammar.after(this.state, id);
    this.begun = true;
  }

  /** Thoughts may not end the reply: the answer is still to come. */
  private thinkingOn(logits: Float32Array): Float32Array {
    if (this.thoughts.end === undefined) return logits;
    const changed = logits.slice();
    for (const id of this.stop) changed[id] = -Infinity;
    return changed;
  }
}
