import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GPT2_PATTERN, QWEN2_PATTERN, split } from "../../src/text/split.ts";
import type { Vocabulary } from "../../src/text/vocabulary.ts";
import { goldenJson } from "../support/golden.ts";
import { clock } from "../support/own-time.ts";

interface Row {
  readonly text: string;
  /** Where words end, in code points. */
  readonly cuts: Readonly<Record<Vocabulary["pattern"], readonly number[]>>;
}

const rows = goldenJson<Row[]>("text/encode.json");
const PATTERNS = ["qwen2", "smollm", "gpt2"] as const;

/** Where the words end, in code points. */
function ends(words: readonly string[]): number[] {
  let at = 0;
  return words.map((word) => (at += [...word].length));
}

describe.each(PATTERNS)("%s", (pattern) => {
  test(`split cuts ${rows.length} telling strings where the reference engine does`, () => {
    for (const { text, cuts } of rows) {
      expect(ends(split(text, pattern)), JSON.stringify(text)).toEqual(cuts[pattern]);
    }
  });

  test("the words together are the text, and none is empty", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const words = split(text, pattern);
        expect(words.join("")).toBe(text);
        expect(words).not.toContain("");
      }),
    );
  });

  test("split of a million characters of any one kind takes less than a second", () => {
    for (const piece of ["a", "1", " ", "\n", "!", "'", " \n", "\u4f60", "\u{1f600}"]) {
      const text = piece.repeat(2 ** 20 / piece.length);
      const taken = clock();
      split(text, pattern);
      expect(taken(), JSON.stringify(piece)).toBeLessThan(1000);
    }
  });
});

/** Characters of ASCII, on which this machine's engine and the reference's agree. */
const ascii = fc.string({ unit: fc.constantFrom(..."aszTRlLdv01 \t\n\r!?'.\u00e9"), maxLength: 24 });

test("split is its pattern, on characters that every engine knows alike", () => {
  const qwen2 = new RegExp(
    QWEN2_PATTERN.replace(/\(\?i:([^)]*)\)/, (_, words: string) => anyCase(words)),
    "gu",
  );
  const gpt2 = new RegExp(GPT2_PATTERN, "gu");
  fc.assert(
    fc.property(ascii, (text) => {
      expect(split(text, "qwen2")).toEqual(text.match(qwen2) ?? []);
      expect(split(text, "gpt2")).toEqual(text.match(gpt2) ?? []);
    }),
    { numRuns: 3000 },
  );
});

/** "'s|'t" as "'[sS]|'[tT]": Node 20 has no (?i:). */
function anyCase(words: string): string {
  return words.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
