import { expect, test } from "vitest";
import { ALPHABET, bytesOf } from "../../src/text/bytes.ts";

test("the alphabet has 256 characters, all printable, and turns back into the bytes", () => {
  expect(new Set(ALPHABET).size).toBe(256);
  expect(ALPHABET.filter((character) => /[\p{C}\p{Z}]/u.test(character))).toEqual([]);
  expect([...bytesOf(ALPHABET.join(""))]).toEqual(Array.from({ length: 256 }, (_, byte) => byte));
});

test("a space, a newline and the soft hyphen are written as GPT-2 writes them", () => {
  expect([ALPHABET[0x20], ALPHABET[0x0a], ALPHABET[0xad], ALPHABET[0x41]]).toEqual(["\u0120", "\u010a", "\u0143", "A"]);
});

test("a token with a character outside the alphabet is its own UTF-8", () => {
  expect([...bytesOf("\u4f60")]).toEqual([0xe4, 0xbd, 0xa0]);
  expect([...bytesOf("\u00e9 ")]).toEqual([0xc3, 0xa9, 0x20]);
  expect([...bytesOf("\u00e9")]).toEqual([0xe9]);
});
