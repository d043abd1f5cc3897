import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accepts, Automaton } from "../../src/grammar/automaton.ts";
import {
  byte,
  choice,
  EMPTY,
  type Expression,
  literal,
  NEVER,
  optional,
  repeat,
  rule,
  sequence,
} from "../../src/grammar/expression.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A language and the regular expression that means the same. */
const { tree } = fc.letrec<{ tree: readonly [Expression, string] }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "b", "ab").map((text) => [literal(text), text] as const),
    fc.constant([byte([0x61, 0x63]), "[a-c]"] as const),
    fc.tuple(tie("tree"), tie("tree")).map(([[a, x], [b, y]]) => [sequence(a, b), `(?:${x})(?:${y})`] as const),
    fc.tuple(tie("tree"), tie("tree")).map(([[a, x], [b, y]]) => [choice(a, b), `(?:${x}|${y})`] as const),
    fc.tuple(tie("tree"), fc.nat(2), fc.constantFrom(2, 3, Infinity)).map(([[a, x], least, most]) => {
      return [repeat(a, least, most), `(?:${x}){${least},${most === Infinity ? "" : most}}`] as const;
    }),
    tie("tree").map(([a, x]) => [optional(a), `(?:${x})?`] as const),
  ),
}));

describe("Automaton", () => {
  it("accepts what the same regular expression matches", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(tree, fc.array(text, { minLength: 8, maxLength: 8 }), ([language, pattern], texts) => {
        const automaton = new Automaton(language);
        const expected = new RegExp(`^(?:${pattern})$`);
        for (const one of texts) expect(accepts(automaton, bytes(one))).toBe(expected.test(one));
      }),
      { numRuns: 300 },
    );
  });

  it("follows rules that contain themselves, to any depth", () => {
    const nested: Expression = rule(() => sequence(literal("("), repeat(nested), literal(")")));
    const automaton = new Automaton(nested);
    const deep = "(".repeat(5000) + ")".repeat(5000);
    expect(accepts(automaton, bytes(deep))).toBe(true);
    expect(accepts(automaton, bytes(`${deep})`))).toBe(false);
    expect(accepts(automaton, bytes("(()(()))"))).toBe(true);
    expect(accepts(automaton, bytes("(()"))).toBe(false);
  });

  it("comes to the same state by equal texts, and says where a text must end", () => {
    const automaton = new Automaton(sequence(repeat(byte([0x61, 0x62])), literal("!")));
    const after = (text: string) =>
      [...bytes(text)].reduce((state, one) => automaton.step(state, one)!, automaton.start);
    expect(after("a")).toBe(after("abba"));
    expect([after("a").accepting, after("a!").accepting, after("a!").final]).toEqual([false, true, true]);
    expect(automaton.step(after("a!"), 0x61)).toBeNull();
  });

  it("does not stop at repetitions of nothing, and accepts nothing where there is nothing", () => {
    expect(accepts(new Automaton(repeat(optional(literal("a")))), bytes("aaa"))).toBe(true);
    expect(accepts(new Automaton(repeat(EMPTY)), bytes(""))).toBe(true);
    expect(accepts(new Automaton(NEVER), bytes(""))).toBe(false);
    const circle: Expression = rule(() => circle);
    expect(accepts(new Automaton(circle), bytes(""))).toBe(false);
  });
});
