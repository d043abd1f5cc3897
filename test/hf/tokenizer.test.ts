/**
 * The real vocabularies of Qwen and SmolLM2, against what the tokenizers library made of the same texts.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readGguf } from "../../src/files/gguf.ts";
import { readGgufVocabulary } from "../../src/files/gguf-vocabulary.ts";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { goldenJson } from "../support/golden.ts";
import { inMemory } from "../support/gguf.ts";

interface Adversarial {
  readonly seed: number;
  readonly count: number;
  readonly chunk: number;
  readonly literals: readonly string[];
  readonly ranges: readonly (readonly [number, number])[];
  readonly strings: string;
  readonly qwen2: readonly string[];
  readonly smollm: readonly string[];
}

interface Telling {
  readonly text: string;
  readonly ids: Readonly<Record<string, readonly number[]>>;
  readonly plain: Readonly<Record<string, readonly number[]>>;
}

const cache = join(import.meta.dirname, "../../.cache");
const python = join(cache, "venv/bin/python");
const adversarial = goldenJson<Adversarial>("text/adversarial.json");
const telling = goldenJson<Telling[]>("text/encode.json");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const FILES = {
  qwen2: join(cache, "qwen/tokenizer.json"),
  smollm: join(cache, "smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),
};

function open(name: keyof typeof FILES): Tokenizer {
  const bytes = readFileSync(FILES[name]);
  const vocabulary =
    name === "qwen2" ? readTokenizerJson(bytes, FILES.qwen2) : readGgufVocabulary(readGguf(inMemory(bytes)));
  return new Tokenizer(vocabulary!);
}

/** xorshift32, and pieces drawn with it: line by line as in golden/make_text.py. */
function drawn({ seed, count, literals, ranges }: Adversarial): string[] {
  let x = seed;
  const below = (n: number) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
  return Array.from({ length: count }, () => {
    const pieces: string[] = [];
    for (let left = 1 + below(14); left > 0; left--) {
      const kind = below(16);
      if (kind === 0 && pieces.length > 0) pieces.push(pieces.at(-1)!.repeat(1 + below(40)));
      else if (kind < 9) pieces.push(literals[below(literals.length)]!);
      else {
        const [first, last] = ranges[below(ranges.length)]!;
        pieces.push(String.fromCodePoint(first + below(last - first + 1)));
      }
    }
    return pieces.join("");
  });
}

type Row = [ids: number[], plain: number[], decoded: string, shown: string];

function ours(tokenizer: Tokenizer, text: string): Row {
  const ids = tokenizer.encode(text);
  const plain = tokenizer.encode(text, { special: false });
  return [[...ids], [...plain], tokenizer.decode(ids), tokenizer.decode(ids, { skipSpecial: true })];
}

function theirs(name: string, texts?: readonly string[]): Row[] {
  const args = [join(import.meta.dirname, "tokenizer.py"), name, ...(texts === undefined ? [] : ["stdin"])];
  const input = texts?.map((text) => `${JSON.stringify(text)}\n`).join("") ?? "";
  const lines = execFileSync(python, args, { input, encoding: "utf8", maxBuffer: 1 << 28 })
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Row);
}

/** The first text on which Python and we differ, for the failure's message. */
function firstDifference(tokenizer: Tokenizer, name: string, texts: readonly string[]): unknown {
  const rows = theirs(name);
  const at = texts.findIndex((text, i) => JSON.stringify(ours(tokenizer, text)) !== JSON.stringify(rows[i]));
  return at < 0 ? "none: the sums were made of other strings" : { text: texts[at], theirs: rows[at] };
}

const strings = drawn(adversarial);

test("the drawn strings are those that the sums were made of", () => {
  expect(sha256(strings.join("\n"))).toBe(adversarial.strings);
});

describe.each(["qwen2", "smollm"] as const)("%s", (name) => {
  describe.skipIf(!existsSync(FILES[name]))("with its real vocabulary", () => {
    const tokenizer = existsSync(FILES[name]) ? open(name) : undefined!;

    test(`encode and decode equal Hugging Face on ${telling.length} telling strings`, () => {
      for (const { text, ids, plain } of telling) {
        expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids[name]);
        expect([...tokenizer.encode(text, { special: false })], JSON.stringify(text)).toEqual(plain[name] ?? ids[name]);
      }
    });

    test("encode, encode without special tokens, and decode equal Hugging Face on 20,000 drawn strings", () => {
      const { chunk } = adversarial;
      const lines = strings.map((text) => `${JSON.stringify(ours(tokenizer, text))}\n`);
      const sums = adversarial[name].map((_, i) => sha256(lines.slice(i * chunk, (i + 1) * chunk).join("")));
      const same = sums.every((sum, i) => sum === adversarial[name][i]);
      if (!same && existsSync(python)) expect(firstDifference(tokenizer, name, strings)).toEqual(undefined);
      expect(sums).toEqual(adversarial[name]);
    }, 60_000);

    test.skipIf(!existsSync(python))(
      "encode equals Hugging Face on 3,000 strings drawn anew",
      () => {
        const seed = 1 + Math.floor(Math.random() * 2 ** 31);
        const texts = drawn({ ...adversarial, seed, count: 3000 });
        const rows = theirs(name, texts);
        texts.forEach((text, i) =>
          expect(ours(tokenizer, text), `seed ${seed}: ${JSON.stringify(text)}`).toEqual(rows[i]),
        );
      },
      60_000,
    );

    test.each([
      ["English", "The quick brown fox jumps over the lazy dog, and it's 42 times happier than before.\n"],
      [
        "Chinese",
        "\u4eba\u5de5\u667a\u80fd\u6b63\u5728\u6539\u53d8\u4e16\u754c\uff0c\u6211\u4eec\u9700\u8981\u4ed4\u7ec6\u601d\u8003\u3002",
      ],
      ["code", "    for (let i = 0; i < rows.length; i++) {\n\t\tsum += rows[i]!.value ** 2; // squares\n    }\n"],
      ["one letter", "a"],
      ["one long word", "antidisestablishmentarianism"],
      ["one space", " "],
      ["newlines", "\n \r\n"],
      ["marks in the worst order", "\u0301\u0323"],
    ])("encode of a megabyte of %s takes less than 2 s", (_, piece) => {
      expect(seconds(() => tokenizer.encode(piece.repeat(Math.ceil(2 ** 20 / Buffer.byteLength(piece)))))).toBeLessThan(
        2,
      );
    });

    test("encode of a megabyte of drawn strings takes less than 2 s, and decode of its ids too", () => {
      const text = strings.slice(0, 14_000).join("");
      expect(Buffer.byteLength(text)).toBeGreaterThan(2 ** 20);
      const ids = tokenizer.encode(text);
      expect(seconds(() => tokenizer.encode(text))).toBeLessThan(2);
      expect(seconds(() => tokenizer.decode(ids))).toBeLessThan(2);
    });
  });
});

function seconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
