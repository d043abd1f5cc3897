import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { trainBpe } from "../../src/training/bpe.ts";
import { goldenPath } from "../support/golden.ts";

const path = goldenPath("model/tiny/tokenizer.json");
const theirs = readTokenizerJson(readFileSync(path), path);

test("the same merges, in the same order, as the tokenizers library's trainer on the same text", () => {
  const lines = readFileSync(goldenPath("model/tiny.txt"), "utf8").split(/(?<=\n)/);
  const ours = trainBpe(lines, 506);
  expect(ours.merges).toEqual(theirs.merges);
  expect(ours.tokens).toEqual(theirs.tokens.slice(0, 506));
});

test("the example of the docstring", () => {
  const { merges, tokens } = trainBpe(["low low lower"], 259);
  expect(merges).toEqual(["l o", "lo w", "\u0120 low"]);
  expect(tokens.slice(256)).toEqual(["lo", "low", "\u0120low"]);
  expect([tokens.indexOf("l"), tokens.indexOf("o"), tokens.indexOf("w")]).toEqual([75, 78, 86]);
});

test("of pairs as frequent, the one of the lowest ids", () => {
  expect(trainBpe(["cd ab"], 257).merges).toEqual(["a b"]);
  expect(trainBpe(["ad ac"], 257).merges).toEqual(["a c"]);
});

test("a run of equal tokens counts each neighbouring pair and merges from the left", () => {
  // (a, a) three times in "aaaa", against twice (x, y) in "xy xy"
  expect(trainBpe(["aaaa", "xy", "xy"], 257).merges).toEqual(["a a"]);
  expect(trainBpe(["aaaa"], 300).merges).toEqual(["a a", "aa aa"]);
  expect(trainBpe(["aaa"], 300).merges).toEqual(["a a", "aa a"]);
});

test("digits stay single tokens, and no pair crosses words", () => {
  const { tokens } = trainBpe(["12 12 12 12 a b a b"], 300);
  expect(tokens.slice(256).filter((token) => /\d/.test(token))).toEqual([]);
  expect(trainBpe(["1212"], 300).merges).toEqual([]);
});

test("it ends where no pair is left, and at the size asked for", () => {
  expect(trainBpe(["ab"], 400).tokens.length).toBe(257);
  expect(trainBpe([], 400)).toEqual({ tokens: trainBpe([], 256).tokens, merges: [] });
});

test("whatever it was trained on, what it makes is a tokenizer that gives every text back", () => {
  const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(texts, fc.string({ unit: "grapheme", maxLength: 30 }), (corpus, text) => {
      const { tokens, merges } = trainBpe(corpus, 290);
      const tokenizer = new Tokenizer({ tokens, merges, added: [], pattern: "qwen2", nfc: true });
      const normal = text.normalize("NFC");
      expect(tokenizer.decode(tokenizer.encode(normal))).toBe(normal);
    }),
  );
});

test("the order of the texts makes no difference", () => {
  const corpus = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 12 }), { maxLength: 6 });
  fc.assert(
    fc.property(corpus, (texts) => {
      expect(trainBpe([...texts].reverse(), 275)).toEqual(trainBpe(texts, 275));
    }),
  );
});
