import { describe, expect, it } from "vitest";
import type { Problem } from "../../src/eval/problem.ts";
import { recorded } from "../../src/eval/recorded.ts";

const PROBLEMS: Problem[] = ["a", "b"].map((id) => ({
  id,
  grader: "math",
  row: {},
  messages: [{ role: "user", content: `prompt ${id}` }],
}));
const read = (...rows: object[]) => recorded(rows.map((row) => JSON.stringify(row)).join("\n"), "r.jsonl", PROBLEMS);

describe("recorded replies", () => {
  it("are those of a run, with all that it kept", () => {
    const sample = {
      problem: "a",
      sample: 1,
      seed: 3,
      thinking: "t",
      answer: "x",
      reason: "stop",
      seconds: 2,
      tokens: 9,
    };
    expect(read(sample)).toEqual([sample]);
  });

  it("are texts of other programs, found by id or prompt, several to a problem", () => {
    const found = read(
      { id: "b", reply: "<think>\nt</think>\n\nx" },
      { prompt: "prompt a", gen: ["one</think>1", "2"] },
      { id: "b", response: "y" },
    );
    expect(found.map(({ problem, sample, answer }) => [problem, sample, answer])).toEqual([
      ["b", 0, "x"],
      ["a", 0, "1"],
      ["a", 1, "2"],
      ["b", 1, "y"],
    ]);
    expect(found[1]!.thinking).toBe("one");
  });

  it("to other problems are left out", () => {
    expect(read({ id: "z", reply: "x" })).toEqual([]);
  });

  it("are refused with their line where they are none", () => {
    expect(() => read({ id: "a", reply: 1 })).toThrow(
      "r.jsonl, line 1: expected a text under one of reply, response, output, completion, gen, prediction, got number.",
    );
    expect(() => recorded("x", "r.jsonl", PROBLEMS)).toThrow("r.jsonl, line 1: expected a JSON object, got x.");
    const one = { problem: "a", sample: 0, thinking: "", answer: "" };
    expect(() => read(one, one)).toThrow("r.jsonl, line 2: expected each sample once, got a, sample 0 twice.");
  });
});
