import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { Grammar } from "../../src/grammar/constraint.ts";
import { schemaLanguage } from "../../src/grammar/schema.ts";
import { TokenBytes } from "../../src/grammar/tokens.ts";
import { readJson } from "../../src/json/json.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { QWEN_TOKENIZER, SMOLLM2 } from "../support/real.ts";

const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 30 },
    country: { enum: ["France", "Germany", "Italy", "Spain"] },
    inhabitants: { type: "integer", minimum: 1000, maximum: 50_000_000 },
    sights: { type: "array", items: { type: "string", maxLength: 30 }, minItems: 1, maxItems: 3 },
  },
  required: ["name", "country", "inhabitants", "sights"],
  additionalProperties: false,
};
const language = schemaLanguage(readJson(JSON.stringify(SCHEMA), "schema"));

describe.skipIf(!existsSync(SMOLLM2))("SmolLM2 under a schema", async () => {
  const qwq = existsSync(SMOLLM2) ? await QwQ.load(SMOLLM2, { backend: await wasmBackend({}) }) : undefined;
  afterAll(() => qwq?.close());

  it("says what it knows as JSON that is valid by it, whatever it would have said", async () => {
    const { tokenizer, checkpoint } = qwq!;
    const grammar = new Grammar(language, tokenizer, new TokenBytes(tokenizer));
    const valid = new Ajv2020().compile(SCHEMA);
    for (const [seed, city] of ["Paris", "Rome"].entries()) {
      const steering = grammar.follow(checkpoint.generation.stop, { opened: false, begin: undefined, end: undefined });
      const { answer, reason } = await qwq!.answer(`Describe ${city} as JSON.`, { seed, steering, maxTokens: 200 });
      const value = JSON.parse(answer) as { name: string };
      expect([reason, value, valid(value)]).toEqual(["stop", value, true]);
      expect(value.name).toContain(city);
    }
  });
});

describe.skipIf(!existsSync(QWEN_TOKENIZER))("Qwen's vocabulary", () => {
  it("has for each point of a text exactly the tokens that an automaton follows", () => {
    const tokenizer = new Tokenizer(readTokenizerJson(readFileSync(QWEN_TOKENIZER), QWEN_TOKENIZER));
    const { automaton, tokens } = new Grammar(language, tokenizer, new TokenBytes(tokenizer));
    const special = new Set(tokenizer.added.filter((token) => token.special).map(({ id }) => id));
    for (const text of [
      "",
      '{"name": "Zü',
      '{"name": "x", "country": "',
      '{"name": "x", "country": "Italy", "inhabitants": 12',
    ]) {
      const state = [...new TextEncoder().encode(text)].reduce(
        (at, byte) => automaton.step(at, byte)!,
        automaton.start,
      );
      const mask = tokens.allowed(automaton, state);
      let wrong = 0;
      for (let id = 0; id < tokenizer.size; id++) {
        let at: typeof state | null = state;
        const bytes = tokenizer.bytesOf(id);
        for (const byte of bytes) at = at && automaton.step(at, byte);
        if ((mask[id] === 1) !== (at !== null && bytes.length > 0 && !special.has(id))) wrong++;
      }
      expect([text, wrong]).toEqual([text, 0]);
    }
  });
});
