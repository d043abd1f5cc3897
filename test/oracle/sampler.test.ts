import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/json/json.ts";
import { samplerCase, type SamplerResult } from "../../src/oracle/sampler.ts";
import { goldenPath } from "../support/golden.ts";

const lines = readFileSync(goldenPath("sampler/cases.jsonl"), "utf8").trimEnd().split("\n");
const answer = (text: string) => samplerCase(readJson(text, "case"), "case");

describe("samplerCase", () => {
  const results = lines.map((line) => ({ ours: answer(line), golden: JSON.parse(line) as SamplerResult }));

  it("keeps exactly Hugging Face's ids in 300 cases", () => {
    expect(results.length).toBe(300);
    const wrong = results.flatMap(({ ours, golden }, i) =>
      JSON.stringify(ours.ids) === JSON.stringify(golden.ids) ? [] : [i + 1],
    );
    expect(wrong, "lines of golden/sampler/cases.jsonl").toEqual([]);
  });

  it("gives Hugging Face's float32 probabilities within 1e-6 in 300 cases", () => {
    // Ours are float64. Theirs carry the roundings of a float32 sum of up to 2,000 terms in 16 lanes: measured 1.1e-7.
    const off = results.map(({ ours, golden }) =>
      Math.max(...ours.probabilities.map((p, i) => Math.abs(p - golden.probabilities[i]!))),
    );
    expect(Math.max(...off)).toBeLessThan(1e-6);
  });

  it("takes absent settings as off and null as minus infinity", () => {
    expect(answer('{"logits": [0, null, 0]}')).toEqual({ ids: [0, 2], probabilities: [0.5, 0.5] });
  });

  it("keeps one id where top_p is 0, as Hugging Face does", () => {
    expect(answer('{"logits": [1, 2, 2], "top_p": 0}').ids).toEqual([2]);
  });

  it.each([
    ["[]", "case: expected the document to be an object, got an array of 0"],
    ["{}", 'case: expected "logits" to be an array, got nothing'],
    ['{"logits": [1, "2"]}', 'case: expected "logits[1]" to be a finite number, got "2"'],
    ['{"logits": [1], "previous": [0.5]}', 'case: expected "previous[0]" to be an integer, got 0.5'],
    ['{"logits": [1], "previous": [-1]}', 'case: expected "previous[0]" to be an id, from 0, got -1'],
    ['{"logits": [1], "top_k": 1.5}', "top-k: expected a whole number from 0, got 1.5"],
    ['{"logits": [1], "min_p": 2}', "min-p: expected a number from 0 to 1, got 2"],
    ['{"logits": [null]}', "logits: expected a finite logit, got minus infinity at every id"],
    ['{"logits": []}', "logits: expected a finite logit, got none at all"],
  ])("refuses %s by name", (text, message) => {
    expect(() => answer(text)).toThrow(message);
  });
});
