/**
 * A language of bytes as an automaton whose states are made when they are reached.
 *
 * What may follow a point of a text is a stack of languages, the next on top; where there are several ways to read the
 * text so far there are several stacks. A state is the set of stacks whose top is a set of bytes. Stacks share what lies
 * below, and equal ones are one object, so equal states are found by the numbers of their stacks, and every step of a
 * state is worked out once. Nested languages (JSON in JSON) have no end of states, of which a text reaches few.
 *
 * cost     a step that was taken before: one reading of an array
 * source   Brzozowski 1964, "Derivatives of Regular Expressions", with continuations in place of derivatives
 */
import type { Expression } from "./expression.ts";

/** A language, and what comes after it. */
export interface Stack {
  readonly id: number;
  readonly top: Expression;
  readonly below: Stack | undefined;
}

/** A point of a text: what may come next. */
export interface State {
  /** Whether the text may end here. */
  readonly accepting: boolean;
  /** Whether it must: nothing can follow. */
  readonly final: boolean;
  readonly stacks: readonly Stack[];
  /** By byte: where it leads; null where it may not come; undefined where that is not known yet. */
  readonly next: (State | null | undefined)[];
}

/** What is forgotten once there are more: texts that go on keep their own states. */
const MOST_STATES = 50_000;

/** The automaton of a language. Steps are remembered, for all who follow it. */
export class Automaton {
  /** Before the first byte. */
  readonly start: State;
  private readonly language: Expression;
  private stacks = new Map<string, Stack>();
  private states = new Map<string, State>();
  /** What is left of a repetition, by its own number and how often it must and may still come. */
  private rests = new Map<string, Expression>();
  private count = 0;
  private ids = -1;

  constructor(language: Expression) {
    this.language = language;
    this.start = this.state([this.stack(this.language, undefined)]);
  }

  /** Where a byte leads; null where it may not come. */
  step(state: State, byte: number): State | null {
    const known = state.next[byte];
    if (known !== undefined) return known;
    const below: (Stack | undefined)[] = [];
    for (const { top, below: rest } of state.stacks) if (top.kind === "byte" && top.set[byte] === 1) below.push(rest);
    return (state.next[byte] = below.length === 0 ? null : this.state(below));
  }

  private stack(top: Expression, below: Stack | undefined): Stack {
    const key = `${top.id},${below === undefined ? "" : below.id}`;
    let found = this.stacks.get(key);
    if (found === undefined) this.stacks.set(key, (found = { id: this.count++, top, below }));
    return found;
  }

  /** The state of these stacks; undefined is the empty one, at whose place the text may end. */
  private state(stacks: readonly (Stack | undefined)[]): State {
    const tops = new Map<number, Stack>();
    const seen = new Set<number>();
    let accepting = false;
    const open = [...stacks];
    while (open.length > 0) {
      const stack = open.pop();
      if (stack === undefined) accepting = true;
      else if (stack.top.kind === "byte") tops.set(stack.id, stack);
      else if (!seen.has(stack.id)) {
        seen.add(stack.id);
        open.push(...this.opened(stack));
      }
    }
    const ids = [...tops.keys()].sort((a, b) => a - b);
    const key = `${ids.join()}${accepting ? "." : ""}`;
    return this.states.get(key) ?? this.remember(key, [...tops.values()], accepting);
  }

  private remember(key: string, stacks: readonly Stack[], accepting: boolean): State {
    if (this.states.size >= MOST_STATES) {
      this.states = new Map();
      this.stacks = new Map();
      this.rests = new Map();
    }
    const state: State = { accepting, final: accepting && stacks.length === 0, stacks, next: new Array(256) };
    this.states.set(key, state);
    return state;
  }

  /** The stacks that one comes down to when its top is opened. */
  private opened({ top, below }: Stack): readonly (Stack | undefined)[] {
    switch (top.kind) {
      case "empty":
        return [below];
      case "then":
        return [this.stack(top.first, this.stack(top.rest, below))];
      case "choice":
        return top.options.map((option) => this.stack(option, below));
      case "rule":
        return [this.stack(top.body(), below)];
      case "repeat": {
        const once = this.stack(top.inner, this.rest(top, below));
        return top.least > 0 ? [once] : [once, below];
      }
      default:
        return [];
    }
  }

  /** A repetition after it has come once. */
  private rest(top: Expression & { kind: "repeat" }, below: Stack | undefined): Stack | undefined {
    const [least, most] = [Math.max(0, top.least - 1), top.most - 1];
    if (most === 0) return below;
    if (least === top.least && most === top.most) return this.stack(top, below);
    const key = `${top.inner.id},${least},${most}`;
    let found = this.rests.get(key);
    if (found === undefined) {
      this.rests.set(key, (found = { id: this.ids--, kind: "repeat", inner: top.inner, least, most }));
    }
    return this.stack(found, below);
  }
}

/** Whether a whole text is in the language. */
export function accepts(automaton: Automaton, bytes: Iterable<number>): boolean {
  let state: State | null = automaton.start;
  for (const byte of bytes) {
    state = automaton.step(state, byte);
    if (state === null) return false;
  }
  return state.accepting;
}
