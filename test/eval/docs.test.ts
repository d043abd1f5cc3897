/** The tables of docs/scores.md and docs/agent.md say what the results say, and the sums are those that their script makes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sums } from "../../golden/eval/sums.ts";
import * as agent from "../../kernels/bench/agent-table.ts";
import * as scores from "../../kernels/bench/eval-tables.ts";

const read = (path: string) => readFileSync(path, "utf8");

it("docs/scores.md has the official scores, the wrong ones, and those that were measured", () => {
  const measured = JSON.parse(read(scores.RESULTS)) as scores.Measured[];
  expect(scores.withScores(read(scores.SCORES), measured)).toBe(read(scores.SCORES));
});

it("docs/agent.md has what was measured", () => {
  expect(agent.withAgent(read(agent.AGENT), JSON.parse(read(agent.RESULTS)) as agent.AgentRow[])).toBe(
    read(agent.AGENT),
  );
});

it("golden/eval/sums.jsonl is what its script writes", () => {
  expect(read(join(import.meta.dirname, "../../golden/eval/sums.jsonl"))).toBe(sums());
});
