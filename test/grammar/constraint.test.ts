import { describe, expect, it } from "vitest";
import type { State } from "../../src/grammar/automaton.ts";
import { callsLanguage } from "../../src/grammar/calls.ts";
import { Grammar } from "../../src/grammar/constraint.ts";
import { literal } from "../../src/grammar/expression.ts";
import { OBJECT_LANGUAGE, schemaLanguage } from "../../src/grammar/schema.ts";
import { TokenBytes } from "../../src/grammar/tokens.ts";
import { readJson } from "../../src/json/json.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { parseReply } from "../../src/text/reply.ts";

const qwq = await QwQ.load();
const { tokenizer } = qwq;
const tokens = new TokenBytes(tokenizer);
const { stop } = qwq.checkpoint.generation;
const [begin, end] = ["<think>", "</think>"].map((tag) => tokenizer.id(tag)!);
const schema = readJson(
  '{"type":"object","properties":{"sum":{"type":"integer"},"say":{"type":"string","maxLength":8}},"required":["sum","say"]}',
  "test",
);

/** A generator of numbers from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** The ids that come when the model says anything at all. */
function babble(grammar: Grammar, seed: number, opened: boolean): number[] {
  const random = randomFrom(seed);
  const constraint = grammar.follow(stop, { opened, begin, end });
  const ids: number[] = [];
  for (let i = 0; i < 400; i++) {
    const logits = Float32Array.from({ length: tokenizer.size }, random);
    for (const id of stop) logits[id] = logits[id]! + 0.5;
    if (i > 5) logits[end!] = 2;
    const steered = constraint.steer(logits);
    const id = steered.reduce((best, x, at) => (x > steered[best]! ? at : best), 0);
    constraint.push(id);
    if (stop.includes(id)) return ids;
    ids.push(id);
  }
  return ids;
}

describe("TokenBytes", () => {
  it("allows exactly the tokens that an automaton follows to their end, one by one", () => {
    const { automaton } = new Grammar(schemaLanguage(schema), tokenizer, tokens);
    const special = new Set(tokenizer.added.filter((token) => token.special).map(({ id }) => id));
    let state: State | null = automaton.start;
    for (const byte of new TextEncoder().encode('{"sum": 12, "say": "é')) {
      const mask = tokens.allowed(automaton, state!);
      for (let id = 0; id < tokenizer.size; id++) {
        let at: State | null = state;
        const bytes = tokenizer.bytesOf(id);
        for (const one of bytes) at = at && automaton.step(at, one);
        expect([id, mask[id]]).toEqual([id, at !== null && bytes.length > 0 && !special.has(id) ? 1 : 0]);
      }
      state = automaton.step(state!, byte);
    }
    expect(state).not.toBeNull();
  });
});

describe("Constraint", () => {
  const grammar = new Grammar(schemaLanguage(schema), tokenizer, tokens);

  it("makes a text of the grammar of whatever the model says, and lets it end only then", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { answer } = parseReply(tokenizer.decode(babble(grammar, seed, false)), {
        opened: false,
        toolCalls: false,
      });
      const value = JSON.parse(answer) as { sum: number; say: string };
      expect(Object.keys(value)).toEqual(["sum", "say"]);
      expect(Number.isInteger(value.sum)).toBe(true);
      expect([...value.say].length).toBeLessThanOrEqual(8);
    }
  });

  it("leaves thoughts free, and begins where they end", () => {
    const free = new Grammar(literal("yes"), tokenizer, tokens);
    for (let seed = 1; seed <= 10; seed++) {
      const { thinking, answer } = parseReply(tokenizer.decode(babble(free, seed, true)), {
        opened: true,
        toolCalls: false,
      });
      expect(answer).toBe("yes");
      expect(thinking.length).toBeGreaterThan(0);
    }
  });

  it("lets a model that has not begun to think do so first, and not later", () => {
    const constraint = grammar.follow(stop, { opened: false, begin, end });
    const logits = new Float32Array(tokenizer.size);
    expect(constraint.steer(logits)[begin!]).toBe(0);
    constraint.push(tokenizer.id("{")!);
    expect(constraint.steer(logits)[begin!]).toBe(-Infinity);
    expect(constraint.whole).toBe(false);
  });

  it("writes calls that can be read, of the tools that there are, with arguments by their schemas", () => {
    const language = callsLanguage([{ name: "add", parameters: schema }, { name: "stop" }], true);
    const calls = new Grammar(language, tokenizer, tokens);
    let read = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const text = tokenizer.decode(babble(calls, seed, false));
      const { toolCalls, answer } = parseReply(text, { opened: false, toolCalls: true });
      if (!text.endsWith("</tool_call>")) continue; // 400 tokens were not enough
      expect([answer, toolCalls.filter(({ error }) => error !== undefined)]).toEqual(["", []]);
      read += toolCalls.length;
      for (const call of toolCalls) {
        expect(["add", "stop"]).toContain(call.name);
        if (call.name === "add") expect([...call.arguments.keys()]).toEqual(["sum", "say"]);
      }
    }
    expect(read).toBeGreaterThan(10);
  });

  it("steers a model that thinks: the sum as JSON", async () => {
    const prompt = "What is 347 + 586?";
    const { ids } = await qwq.encode(prompt);
    const steering = new Grammar(OBJECT_LANGUAGE, tokenizer, tokens).follow(stop, { opened: true, begin, end });
    const opened = [...ids].lastIndexOf(begin!) > [...ids].lastIndexOf(end!);
    const followed = opened ? steering : grammar.follow(stop, { opened, begin, end });
    const { thinking, answer, reason } = await qwq.answer(prompt, { greedy: true, steering: followed, maxTokens: 300 });
    expect(thinking).toContain("So 933");
    if (reason === "stop") expect(typeof JSON.parse(answer)).toBe("object");
  });
});
