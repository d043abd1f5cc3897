import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Loop, LoopDetector } from "../../src/generate/repetition.ts";
import { Random } from "../../src/generate/random.ts";

/** Words, single digits, runs of blanks and single signs: cut finer than a tokenizer cuts, so that repeats look longer. */
function tokens(text: string): number[] {
  const ids = new Map<string, number>();
  return (text.match(/\p{L}+|\p{N}|\s+|[^\p{L}\p{N}\s]/gu) ?? []).map((word) => {
    const id = ids.get(word) ?? ids.size;
    ids.set(word, id);
    return id;
  });
}

function loops(ids: Iterable<number>): { at: number; loop: Loop }[] {
  const detector = new LoopDetector();
  return Array.from(ids, (id) => detector.push(id)).flatMap((loop, at) => (loop === undefined ? [] : [{ at, loop }]));
}

/** Ids without a pattern. */
function noise(length: number, seed: number): number[] {
  const random = new Random(seed);
  return Array.from({ length }, () => Math.floor(random.fraction() * 1000));
}

const repeat = <T>(part: readonly T[], length: number): T[] => Array.from({ length }, (_, i) => part[i % part.length]!);

describe("LoopDetector finds", () => {
  it("every exact period up to 170 at the 512th looping token, and reports it once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 170 }), fc.integer({ min: 0, max: 700 }), (period, before) => {
        const part = Array.from({ length: period }, (_, i) => 2000 + i);
        const found = loops([...noise(before, 5), ...repeat(part, 900)]);
        expect(found).toEqual([{ at: before + 511, loop: { period, repeats: Math.floor(512 / period), tokens: 512 } }]);
      }),
      { numRuns: 20 },
    );
  });

  it.each([171, 500, 2048])("a stretch of %i at the end of its third time", (period) => {
    const found = loops([...noise(100, 6), ...repeat(noise(period, 7), 4 * period)]);
    expect(found).toEqual([{ at: 100 + 3 * period - 1, loop: { period, repeats: 3, tokens: 3 * period } }]);
  });

  it("a loop in which a counter moves, within its 1,024 tokens", () => {
    const text = Array.from({ length: 100 }, (_, i) => {
      return `Wait, let me try case ${100 + i} as well. That does not give an integer, so I must have made a mistake in it. `;
    }).join("");
    const found = loops(tokens(text));
    expect(found).toHaveLength(1);
    expect(found[0]!.loop.period).toBe(tokens(text.slice(0, text.indexOf("Wait", 1))).length);
    expect(found[0]!.at).toBeLessThan(1024 + found[0]!.loop.period);
  });

  it("a second loop after the first was left", () => {
    const found = loops([...repeat([1, 2, 3], 600), ...noise(1200, 8), ...repeat([4, 5], 600)]);
    expect(found.map(({ loop }) => loop.period)).toEqual([3, 2]);
  });
});

describe("LoopDetector does not fire on", () => {
  const ordinary: [string, string][] = [
    ["a numbered list of 300 items", Array.from({ length: 300 }, (_, i) => `${i + 1}. Item ${i * 7}\n`).join("")],
    ["a multiplication table", table(20, 20, (r, c) => `${(r + 1) * (c + 1)}`)],
    ["an identity matrix of 16 x 16", table(16, 16, (r, c) => (r === c ? "1" : "0"))],
    ["an array of 150 zeros", `[${Array(150).fill("0").join(", ")}]`],
    ["a rule of 400 dashes", "-".repeat(400)],
    [
      "a picture of 20 lines in ASCII",
      Array.from({ length: 20 }, (_, i) => `${" ".repeat(i)}${"/\\".repeat(10)}\n`).join(""),
    ],
    [
      "records of JSON",
      JSON.stringify(Array.from({ length: 100 }, (_, id) => ({ id, name: `user${id}`, active: true }))),
    ],
    ["base64", Buffer.from(noise(3000, 9)).toString("base64")],
    ["a song with its refrain 8 times", refrain(8)],
    ["the integers to 1,000", Array.from({ length: 1000 }, (_, i) => `${i}`).join(" ")],
    ["binary numbers to 200", Array.from({ length: 200 }, (_, i) => i.toString(2).padStart(8, "0")).join("\n")],
  ];

  it.each(ordinary)("%s", (_, text) => {
    expect(loops(tokens(text))).toEqual([]);
  });

  it("100 files of node_modules: code, declarations, JSON and prose", () => {
    const root = join(import.meta.dirname, "../../node_modules");
    const sponsors = "debug/README.md"; // lines that differ in a counter alone, which is such a loop
    const all = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
    const names = all.filter((name) => name !== sponsors);
    for (const ending of [".d.ts", ".js", ".json", ".md"]) {
      const files = names.filter((name) => name.endsWith(ending));
      const some = Array.from({ length: 25 }, (_, i) => files[Math.floor((i * files.length) / 25)]!);
      for (const name of some) {
        const text = readFileSync(join(root, name), "utf8").slice(0, 20_000);
        expect(loops(tokens(text)), name).toEqual([]);
      }
    }
  });
});

function table(rows: number, columns: number, cell: (r: number, c: number) => string): string {
  const line = (r: number) => Array.from({ length: columns }, (_, c) => cell(r, c)).join(" | ");
  return Array.from({ length: rows }, (_, r) => `| ${line(r)} |\n`).join("");
}

function refrain(times: number): string {
  const verse = (i: number) => noise(60, i).join(" ");
  const chorus = "Sing it again, the tide comes in, the tide goes out, and all the ships come home. ".repeat(3);
  return Array.from({ length: times }, (_, i) => `${verse(i)}\n${chorus}\n`).join("");
}
