/** The limit on thoughts, on the embedded model's tokenizer and on the tiny twin, which never ends a thought by itself. */
import { describe, expect, it } from "vitest";
import type { AnswerEvent } from "../../src/library/answer.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { thoughtLimit } from "../../src/library/thoughts.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { trainBpe } from "../../src/training/bpe.ts";

const qwq = await QwQ.load("golden/model/tiny");
const { tokenizer } = qwq;
const forced = [...tokenizer.encode("\n</think>\n\n")];
const end = tokenizer.encode("</think>")[0]!;

describe("the limit", () => {
  it("knows from the prompt whether a thought is open", () => {
    const opened = (text: string) => thoughtLimit(tokenizer, tokenizer.encode(text), 1).opened;
    expect(opened("<|im_start|>assistant\n<think>\n")).toBe(true);
    expect(opened("<think>\nso\n</think>\n\nYes")).toBe(false);
    expect(opened("Yes")).toBe(false);
    expect(opened("<think>\nso\n</think>\n\nYes<|im_end|>\n<think>\n")).toBe(true);
  });

  it("refuses a model that has no token </think>", () => {
    const { tokens, merges } = trainBpe(["a thought"], 260);
    const other = new Tokenizer({ tokens, merges, added: [], pattern: "qwen2", nfc: true });
    expect(() => thoughtLimit(other, [], 1)).toThrow(
      "think-tokens: expected a tokenizer with a token </think>, got none. This model does not think; --max-tokens limits its answer.",
    );
  });

  it("refuses what is no number of tokens", () => {
    for (const most of [-1, 0.5, NaN, 2 ** 31]) {
      expect(() => thoughtLimit(tokenizer, [], most)).toThrow(
        `think-tokens: expected a whole number from 0 to 2^31 - 1, got ${most}. Give such a number.`,
      );
    }
  });
});

const ask = { greedy: true, maxTokens: 24, onLoop: "ignore" } as const;
const free = await qwq.answer("Hello", ask);

describe("an answer with a limit on its thoughts", () => {
  it.each([0, 1, 7])("after %i tokens of thoughts the answer follows", async (thinkTokens) => {
    const { ids, thinking, answer } = await qwq.answer("Hello", { ...ask, thinkTokens });
    expect(ids.slice(0, thinkTokens)).toEqual(free.ids.slice(0, thinkTokens));
    expect(ids.slice(thinkTokens, thinkTokens + forced.length)).toEqual(forced);
    expect(ids).toHaveLength(24);
    expect(answer).not.toBe("");
    expect(thinking.trim()).toBe(tokenizer.decode(free.ids.slice(0, thinkTokens)).trim());
  });

  it("what follows is what the model says after these ids, and nothing else", async () => {
    const { ids } = await qwq.answer("Hello", { ...ask, thinkTokens: 5 });
    const begun = [...(await qwq.promptIds("Hello")), ...ids.slice(0, 5 + forced.length)];
    const rest = await qwq.answer(Uint32Array.from(begun), { ...ask, maxTokens: 24 - 5 - forced.length });
    expect(ids.slice(5 + forced.length)).toEqual(rest.ids);
  });

  it("where it is not reached the tokens are the same, greedy and drawn", async () => {
    expect((await qwq.answer("Hello", { ...ask, thinkTokens: 24 })).ids).toEqual(free.ids);
    const drawn = { seed: 3, maxTokens: 12, onLoop: "ignore" } as const;
    const with_ = await qwq.answer("Hello", { ...drawn, thinkTokens: 12 });
    expect(with_.ids).toEqual((await qwq.answer("Hello", drawn)).ids);
  });

  it("drafts change no token", async () => {
    for (const thinkTokens of [3, 8]) {
      for (const sampling of [{ greedy: true }, { seed: 5 }]) {
        const options = { ...ask, greedy: false, ...sampling, thinkTokens };
        const plain = await qwq.answer("aaaa aaaa aaaa", options);
        expect((await qwq.answer("aaaa aaaa aaaa", { ...options, speculate: 4 })).ids).toEqual(plain.ids);
      }
    }
  });

  it("tokens that were forced say so, and are part of the reply", async () => {
    const events: AnswerEvent[] = [];
    for await (const event of qwq.generate("Hello", { ...ask, thinkTokens: 2 })) events.push(event);
    const tokens = events.filter((event) => event.type === "token");
    expect(tokens.filter((event) => event.forced).map(({ id }) => id)).toEqual(forced);
    expect(tokens.findIndex((event) => event.forced)).toBe(2);
    expect(tokens.map(({ id }) => id)).toEqual(events.flatMap((e) => (e.type === "end" ? [...e.ids] : [])));
    expect(forced).toContain(end);
    for (const { logprob } of tokens) expect(logprob).toBeLessThanOrEqual(0);
  });
});
