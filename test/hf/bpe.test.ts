/** Our byte-pair training and the tokenizer it makes, against Hugging Face's trainer and AutoTokenizer. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tokenizerConfig, tokenizerJson } from "../../src/files/tokenizer-write.ts";
import { trainBpe } from "../../src/training/bpe.ts";
import { KINDS } from "../../src/training/tasks/problem.ts";
import { distinct } from "../../src/training/tasks/problems.ts";
import { corpusOf, REASONER, trainTokenizer } from "../../src/training/tokenizer.ts";
import { goldenJson } from "../support/golden.ts";

const python = join(import.meta.dirname, "../../.cache/venv/bin/python");

function ask(args: readonly string[], input: object): unknown {
  const options = { input: JSON.stringify(input), encoding: "utf8", maxBuffer: 1 << 28 } as const;
  const said = execFileSync(python, [join(import.meta.dirname, "bpe.py"), ...args], options);
  return JSON.parse(said.trimEnd().split("\n").at(-1)!);
}

/** Texts of letters that merge in many ways, runs of one letter, spaces and marks, as often as chance has it. */
function drawn(seed: number): string[] {
  let x = seed;
  const below = (n: number) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
  const pieces = [
    "a",
    "b",
    "ab",
    "aa",
    "ba",
    " ",
    " a",
    "\n",
    "é",
    "é",
    "你",
    "好",
    "你好",
    "1",
    "!",
    "!!",
    "，",
    "'s",
  ];
  return Array.from({ length: 200 }, () =>
    Array.from({ length: below(30) }, () => pieces[below(pieces.length)]!).join(""),
  );
}

describe.skipIf(!existsSync(python))("Hugging Face", () => {
  test("the trainer learns the same merges from the reasoner's corpus", () => {
    const texts = [...corpusOf(REASONER)];
    for (const size of [REASONER.size - 26, 1000]) {
      expect(trainBpe(texts, size)).toEqual(ask(["train"], { texts, size }));
    }
  });

  test.each([1, 2, 3, 4, 5])("and from drawn texts full of ties (seed %d)", (seed) => {
    const texts = drawn(seed);
    expect(trainBpe(texts, 320)).toEqual(ask(["train"], { texts, size: 320 }));
  });

  test("AutoTokenizer gives the ids that ours does, of texts and of conversations", () => {
    const ours = trainTokenizer(REASONER);
    const folder = mkdtempSync(join(tmpdir(), "qwq-bpe-"));
    try {
      const special = { eos_token: "<|im_end|>", pad_token: "<|endoftext|>" };
      writeFileSync(join(folder, "tokenizer.json"), tokenizerJson(ours.vocabulary));
      writeFileSync(join(folder, "tokenizer_config.json"), tokenizerConfig(special, ours.template));
      const problems = KINDS.flatMap((kind) => distinct(kind, "test", 1, 100));
      const telling = goldenJson<{ text: string }[]>("text/encode.json").map(({ text }) => text);
      const texts = [...problems.map(({ solution }) => solution()), ...telling];
      const conversations = problems.map(({ messages, tools }) => ({ messages, tools }));
      const theirs = ask(["encode", folder], { texts, conversations }) as { texts: number[][]; prompts: number[][] };
      texts.forEach((text, i) => expect([...ours.tokenizer.encode(text)], text).toEqual(theirs.texts[i]));
      problems.forEach((problem, i) => expect([...ours.prompt(problem)]).toEqual(theirs.prompts[i]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
