import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tokenizerJson } from "../../src/files/tokenizer-write.ts";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { Dice } from "../../src/training/tasks/dice.ts";
import type { Problem } from "../../src/training/tasks/problem.ts";
import { KINDS } from "../../src/training/tasks/problem.ts";
import { problems } from "../../src/training/tasks/problems.ts";
import { REASONER, trainTokenizer } from "../../src/training/tokenizer.ts";
import { goldenPath } from "../support/golden.ts";

const tokenizer = trainTokenizer(REASONER);
const first = (kind: (typeof KINDS)[number], count: number): Problem[] => {
  const source = problems(kind, "train", 9);
  return Array.from({ length: count }, () => source.next().value);
};

test("the same options give the same vocabulary, of the size asked for or what the corpus has", () => {
  expect(trainTokenizer(REASONER).vocabulary).toEqual(tokenizer.vocabulary);
  expect(tokenizer.tokenizer.size).toBe(512);
  const small = { size: 512, seed: 1, corpus: { arithmetic: 100 } };
  expect(trainTokenizer(small).tokenizer.size).toBeLessThan(512);
  expect(trainTokenizer({ ...small, size: 400 }).tokenizer.size).toBe(400);
});

test("the added tokens and the template are QwQ's", () => {
  const path = goldenPath("model/tiny/tokenizer.json");
  const theirs = readTokenizerJson(readFileSync(path), path).added;
  const bare = (added: typeof theirs) => added.map(({ content, special }) => [content, special]);
  expect(bare(tokenizer.vocabulary.added)).toEqual(bare(theirs));
  expect(tokenizer.template).toBe(readFileSync(goldenPath("text/templates/qwq-32b.jinja"), "utf8"));
});

test("digits are single tokens; the words of the workings are too", () => {
  const ids = (text: string) => [...tokenizer.tokenizer.encode(text)].length;
  expect(ids("347")).toBe(3);
  for (const word of ["ones", "tens", "hundreds", " carry", "个位", "十位", "百位", "所以是", "等于多少", "×", "？"]) {
    expect(ids(word), word).toBe(1);
  }
});

describe.each(KINDS)("%s", (kind) => {
  test("what is encoded is the conversation, the reply and its end", () => {
    const dice = new Dice(1);
    for (const [i, problem] of first(kind, 200).entries()) {
      const slip = i % 3 === 0 ? dice : undefined;
      const { prompt, reply } = tokenizer.solved(problem, slip);
      const before = tokenizer.tokenizer.decode(prompt);
      expect(before.endsWith("<|im_end|>\n<|im_start|>assistant\n<think>\n")).toBe(true);
      expect(before).toContain(`<|im_start|>user\n${problem.messages[0]!.content as string}<|im_end|>`);
      expect(before.includes("# Tools")).toBe(problem.tools !== undefined);
      expect(reply.at(-1)).toBe(tokenizer.end);
      if (slip === undefined) expect(tokenizer.text(reply)).toBe(problem.solution());
      expect(tokenizer.tokenizer.decode(reply.slice(0, -1))).toBe(tokenizer.text(reply));
    }
  });
});

test("written and read, it is the same tokenizer", () => {
  const again = new Tokenizer(readTokenizerJson(tokenizerJson(tokenizer.vocabulary), "tokenizer.json"));
  for (const problem of first("arithmetic", 50)) {
    const { prompt } = tokenizer.solved(problem);
    expect(again.encode(tokenizer.tokenizer.decode(prompt))).toEqual(prompt);
  }
});
