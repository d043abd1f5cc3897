import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nfc } from "../../src/text/nfc.ts";
import { clock } from "../support/own-time.ts";

interface Golden {
  readonly nfcOfEach: string;
  readonly nfcOfPairs: string;
  readonly firsts: string;
  readonly seconds: string;
}

const golden = JSON.parse(readFileSync(new URL("../../golden/text/unicode.json", import.meta.url), "utf8")) as Golden;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** "41-5a,61-61" as characters. */
function characters(ranges: string): string[] {
  return ranges.split(",").flatMap((range) => {
    const [first, last] = range.split("-").map((hex) => parseInt(hex, 16));
    return Array.from({ length: last! - first! + 1 }, (_, i) => String.fromCodePoint(first! + i));
  });
}

test("nfc of every code point is the reference library's", () => {
  expect(sha256(characters("0-d7ff,e000-10ffff").map(nfc).join("\n"))).toBe(golden.nfcOfEach);
});

test("nfc of every pair that could compose or change places is the reference library's", () => {
  const hash = createHash("sha256");
  const seconds = characters(golden.seconds);
  characters(golden.firsts).forEach((a, i) => {
    hash.update((i === 0 ? "" : "\n") + seconds.map((b) => nfc(a + b)).join("\n"));
  });
  expect(hash.digest("hex")).toBe(golden.nfcOfPairs);
});

/** Marks, starters and syllables of Unicode 4, on which every version since agrees. */
const settled = fc.constantFrom(
  ..."aeiouAEIOU<=>\u00c5\u00e7\u0300\u0301\u0308\u0323\u0327\u0328\u031b\u0334\u0344\u0345\u0360\u05b4\u05bc\u05c1",
  ..."\u05e9\u093c\u0915\u0958\u09c7\u09be\u1100\u1161\u11a8\u1112\u1175\u11c2\uac00\uac01\u212b\u2126\ufb2c\uf900\u{1d15e}\u{2f800}",
);

test("nfc equals Node's on characters whose data are settled, in any order", () => {
  fc.assert(
    fc.property(fc.array(settled, { maxLength: 12 }), (parts) => {
      expect(nfc(parts.join(""))).toBe(parts.join("").normalize("NFC"));
    }),
    { numRuns: 3000, seed: 1 },
  );
});

test("nfc leaves marks and compositions that came after the library's tables as they are", () => {
  expect("a\u1abf\u0334".normalize("NFC")).toBe("a\u0334\u1abf"); // Node: classes 220 and 1
  expect(nfc("a\u1abf\u0334")).toBe("a\u1abf\u0334");
  expect("\u{11935}\u{11930}".normalize("NFC")).toBe("\u{11938}"); // Unicode 13
  expect(nfc("\u{11935}\u{11930}")).toBe("\u{11935}\u{11930}");
});

test("nfc is idempotent, and half a surrogate pair passes as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(nfc(nfc(text))).toBe(nfc(text));
    }),
  );
  expect(nfc("\ud800\u0301e\u0301")).toBe("\ud800\u0301\u00e9");
});

test("nfc of 200,000 marks in the worst order takes less than a second", () => {
  const taken = clock();
  const text = nfc("a" + "\u0301".repeat(100_000) + "\u0323".repeat(100_000));
  expect(text).toBe("\u1ea1" + "\u0323".repeat(99_999) + "\u0301".repeat(100_000));
  expect(taken()).toBeLessThan(1000);
});
