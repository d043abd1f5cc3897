import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { explain, listText, pages, pageText, parsePages } from "../../src/oracle/explain.ts";
import { failure } from "../support/folder.ts";

const MUTANTS = (
  "rope-interleaved rope-theta rope-offset rope-missing yarn-missing yarn-factor bias-q bias-k bias-v bias-qkv bias-o " +
  "gqa-tile eps gain-n1 gain-n2 gain-final norm-mean norm-order act-gelu act-swap scale-missing scale-double mask-open " +
  "mask-strict cache-shift residual-attn residual-mlp round-truncate overflow-f16 weight-transposed softmax-low " +
  "dequant-offset head-tied"
).split(" ");

const root = join(import.meta.dirname, "../..");

/** Every code that a check of the sources can have. */
function codesInSources(): string[] {
  const files = readdirSync(join(root, "src/oracle"), { recursive: true, encoding: "utf8" });
  const texts = files
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, "src/oracle", name), "utf8"));
  const found = texts.flatMap((text) => [
    ...text.matchAll(/"((?:lint|weights|invariant|import|tokens|template|parse|sampler|probe)-[a-z-]+)"/g),
  ]);
  return [...new Set(found.map((match) => match[1]!))];
}

describe("every code has its page", () => {
  it("all 33 mutants: equation right and wrong, symptom, first tap, where it was seen, how to mend it", () => {
    expect(MUTANTS).toHaveLength(33);
    for (const code of MUTANTS) {
      const { markdown } = explain(code);
      expect(markdown, code).toMatch(/^ {4}right {3}\S[^]*^ {4}wrong {3}\S/m);
      for (const part of ["Symptom", "First tap", "Seen in", "Fix"])
        expect(markdown, code).toContain(`- **${part}:** `);
    }
  });

  it("and every code that a check in the sources has", () => {
    const codes = codesInSources();
    expect(codes.length).toBeGreaterThan(30);
    const all = pages();
    expect(codes.filter((code) => !all.has(code))).toEqual([]);
    // and no page is of a code that nothing gives
    const others = [...all.keys()].filter((code) => !MUTANTS.includes(code) && !codes.includes(code));
    expect(others.sort()).toEqual(["divergence", "incomparable", "none", "not-finite"]);
  });

  it("of at least 28 mutants a report with its number is named", () => {
    const named = MUTANTS.filter((code) => /[\w.-]+\/[\w.-]+#\d+/.test(explain(code).markdown));
    expect(named.length).toBeGreaterThanOrEqual(28);
  });
});

describe("pageText", () => {
  it("of every page has lines of at most 80 columns", () => {
    for (const page of pages().values()) {
      const long = pageText(page)
        .split("\n")
        .filter((line) => line.length > 80);
      expect(long, page.code).toEqual([]);
    }
  });

  it("keeps equations as they stand and puts points into columns", () => {
    const [page] = parsePages(
      "# t\n\n## a-code\n\nOne `thing`.\nMore of it.\n\n    right   x  =  1\n    wrong   x  =  2\n\n- **Symptom:** s\n- **Fix:** f\n\n## b\n\nB.\n",
    );
    expect(page!.summary).toBe("One `thing`.");
    expect(pageText(page!)).toBe(
      "a-code\n======\n\nOne thing. More of it.\n\n    right   x  =  1\n    wrong   x  =  2\n\nSymptom:   s\nFix:       f\n",
    );
  });
});

it("an unknown code is a usage error that names the nearest; the prefix of lint may be left out", () => {
  expect(explain("bos").code).toBe("lint-bos");
  expect(failure(() => explain("rope-interlaeved")).message).toContain("such as rope-interleaved");
});

it("the list has a line for each, of at most 80 columns", () => {
  const lines = listText().trimEnd().split("\n");
  expect(lines).toHaveLength(pages().size);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});
