import { expect, test } from "vitest";
import { english } from "../../../src/verify/ifeval/punkt-english.ts";
import { sentences } from "../../../src/verify/ifeval/punkt.ts";

const cut = (text: string) => sentences(text).map(({ from, to }) => text.slice(from, to));

test("sentences end where Punkt ends them", () => {
  expect(cut("Mr. Smith went to Washington. He lives at No. 5, etc. They met.")).toEqual([
    "Mr. Smith went to Washington.",
    "He lives at No.",
    "5, etc.",
    "They met.",
  ]);
  expect(cut('He said "Stop!" Then he left. (He came back.) Why?')).toEqual([
    'He said "Stop!"',
    "Then he left.",
    "(He came back.)",
    "Why?",
  ]);
  expect(cut("J. S. Bach was 3. 4 is next... maybe.\n\nYes -- \u201cno.\u201d Done")).toEqual([
    "J. S. Bach was 3.",
    "4 is next... maybe.",
    "Yes -- \u201cno.\u201d",
    "Done",
  ]);
  expect(cut("")).toEqual([]);
  expect(cut(" \n ")).toEqual([]);
});

test("its parameters are there: abbreviations, pairs, words that begin sentences, and how words are written", () => {
  const { abbreviations, pairs, starters, contexts } = english();
  expect([abbreviations.size, pairs.size, starters.size, contexts.size]).toEqual([156, 37, 39, 20366]);
  expect(abbreviations.has("dr")).toBe(true);
  expect(contexts.get("coverage")).toBe(36);
});
