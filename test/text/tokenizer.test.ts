import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { nfc } from "../../src/text/nfc.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { goldenJson, goldenPath } from "../support/golden.ts";
import { clock } from "../support/own-time.ts";

interface Row {
  readonly text: string;
  readonly ids: Readonly<Record<string, readonly number[]>>;
  /** Ids without special tokens, where they differ. */
  readonly plain: Readonly<Record<string, readonly number[]>>;
}

const path = goldenPath("model/tiny/tokenizer.json");
const vocabulary = readTokenizerJson(readFileSync(path), path);
const tokenizer = new Tokenizer(vocabulary);
const rows = goldenJson<Row[]>("text/encode.json");
const text = fc.string({ unit: "binary", maxLength: 40 });

describe("encode", () => {
  test(`encode equals Hugging Face on ${rows.length} telling strings, with special tokens and without`, () => {
    for (const { text, ids, plain } of rows) {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids["tiny"]);
      const without = [...tokenizer.encode(text, { special: false })];
      expect(without, JSON.stringify(text)).toEqual(plain["tiny"] ?? ids["tiny"]);
    }
  });

  test("without special tokens, those that are not special are still found", () => {
    const [start, think] = [tokenizer.id("<|im_start|>")!, tokenizer.id("<think>")!];
    expect([...tokenizer.encode("<|im_start|><think>")]).toEqual([start, think]);
    const ids = [...tokenizer.encode("<|im_start|><think>", { special: false })];
    expect(ids.at(-1)).toBe(think);
    expect(ids).not.toContain(start);
  });

  test("around an added token, each side is encoded as if it were alone", () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom(...vocabulary.added), (left, right, { id, content }) => {
        const [a, b] = [tokenizer.encode(left), tokenizer.encode(right)];
        expect([...tokenizer.encode(left + content + right)]).toEqual([...a, id, ...b]);
      }),
    );
  });

  test("of added tokens that begin alike the longest is found, of those that overlap the leftmost", () => {
    const added = ["ab", "abc", "cd", "(.*"].map((content, i) => ({ id: 600 + i, content, special: false }));
    const tokens = [...vocabulary.tokens, ...new Array<undefined>(68)];
    const found = new Tokenizer({ ...vocabulary, tokens, added });
    expect([...found.encode("abcdab(.*")]).toEqual([601, tokenizer.id("d")!, 600, 603]);
  });

  test("an added token that is normalized is found after NFC, in what the others leave", () => {
    const added = [
      { id: 600, content: "\u00e9", special: false, normalized: true },
      { id: 601, content: "e", special: false },
      { id: 602, content: "o\u0301", special: false, normalized: true },
    ];
    const found = new Tokenizer({ ...vocabulary, added });
    expect([...found.encode("\u00e9\u00f3")]).toEqual([600, 602]);
    expect([...found.encode("o\u0301")]).toEqual([602]);
    expect([...found.encode("e\u0301")]).toEqual([601, ...tokenizer.encode("\u0301")]);
  });

  test("half a surrogate pair is refused with its place", () => {
    expect(() => tokenizer.encode("ab\u{1f600}\ud83d")).toThrow(
      expect.objectContaining({
        code: "E_ARG_SURROGATE",
        message:
          "encode: expected text of whole characters, got half a surrogate pair, U+D83D, at place 4. " +
          "Was the text cut in the middle of a character? text.toWellFormed() puts U+FFFD there.",
      }),
    );
  });

  test("NUL, the end of every plane, and a word of a megabyte are encoded in less than two seconds", () => {
    const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0xffff)).join("");
    expect(tokenizer.decode(tokenizer.encode(`\0${planes}`))).toBe(`\0${planes}`);
    const taken = clock();
    expect(tokenizer.decode(tokenizer.encode("x".repeat(2 ** 20)))).toBe("x".repeat(2 ** 20));
    expect(taken()).toBeLessThan(2000);
  });

  test("with remembered words the ids are the same", () => {
    const fresh = new Tokenizer(vocabulary);
    fc.assert(
      fc.property(text, (text) => {
        expect(tokenizer.encode(text)).toEqual(fresh.encode(text));
      }),
    );
  });
});

describe("decode", () => {
  test("decode of encode is the text in NFC, for every text of whole characters", () => {
    fc.assert(
      fc.property(text, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(nfc(text));
        expect(tokenizer.decode(tokenizer.encode(text, { special: false }))).toBe(nfc(text));
      }),
      { numRuns: 500 },
    );
  });

  const broken = goldenJson<[ids: number[], decoded: string, shown: string][]>("text/decode.json");

  test(`decode equals Hugging Face on ${broken.length} rows of ids that are no whole UTF-8, unknown ids among them`, () => {
    for (const [ids, decoded, shown] of broken) {
      expect(tokenizer.decode(ids), String(ids)).toBe(decoded);
      expect(tokenizer.decode(ids, { skipSpecial: true }), String(ids)).toBe(shown);
    }
  });

  test.each([-1, 1.5, NaN, Infinity])("an id of %s is refused", (id) => {
    expect(() => tokenizer.decode([id])).toThrow(expect.objectContaining({ code: "E_ARG_TOKEN_ID" }));
  });
});

describe("stream", () => {
  const ids = fc.array(fc.nat(tokenizer.size + 2), { maxLength: 30 });

  test("what push and end return is together what decode returns, for any ids", () => {
    fc.assert(
      fc.property(ids, fc.boolean(), (ids, skipSpecial) => {
        const stream = tokenizer.stream({ skipSpecial });
        const pieces = ids.map((id) => stream.push(id));
        expect(pieces.join("") + stream.end()).toBe(tokenizer.decode(ids, { skipSpecial }));
      }),
      { numRuns: 500 },
    );
  });

  test("of whole text, push returns whole characters only, and end nothing", () => {
    fc.assert(
      fc.property(text, (text) => {
        fc.pre(!text.includes("\ufffd"));
        const stream = tokenizer.stream();
        for (const id of tokenizer.encode(text)) expect(stream.push(id)).not.toMatch(/[\ufffd\p{Cs}]/u);
        expect(stream.end()).toBe("");
      }),
    );
  });

  test("a character of four bytes appears with the last of them", () => {
    const stream = tokenizer.stream();
    const ids = [..."\u00f0\u0141\u013a\u0122"].map((byte) => tokenizer.id(byte)!); // f0 9f 98 80
    expect(ids.map((id) => stream.push(id))).toEqual(["", "", "", "\u{1f600}"]);
    expect(stream.push(ids[0]!) + stream.end()).toBe("\ufffd");
    expect(stream.push(tokenizer.id("A")!)).toBe("A");
  });
});

test("token and id are each other's inverse over the vocabulary", () => {
  for (let id = 0; id < tokenizer.size; id++) expect(tokenizer.id(tokenizer.token(id)!)).toBe(id);
  expect(tokenizer.token(tokenizer.size)).toBeUndefined();
  expect(tokenizer.id("no such token")).toBeUndefined();
});
