/**
 * Measures the embedded model and SmolLM2 on small parts of benchmarks, with `qwq eval` itself, and puts what came of it into
 * docs/scores.md beside QwQ-32B's own scores. These models are no QwQ: what they reach says how the program measures, and
 * what so small a model can do.
 *
 *   npm run bench:eval      (npm run setup fetches SmolLM2; ten minutes)
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../src/eval/report.ts";
import { type Measured, RESULTS, SCORES, withScores } from "./eval-tables.ts";

const root = join(import.meta.dirname, "../..");
const SMOLLM2 = ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

interface Job {
  readonly model: string;
  readonly title: string;
  readonly words: readonly string[];
}

const SMALL = ["-m", SMOLLM2, "--max-tokens"];

const JOBS: readonly Job[] = [
  { model: "embedded", title: "100 sums it was never trained on", words: ["golden/eval/sums.jsonl"] },
  { model: "embedded", title: "AIME 2024, whole", words: ["aime24"] },
  {
    model: "SmolLM2-135M",
    title: "the first 10 of these sums",
    words: ["golden/eval/sums.jsonl", "--limit", "10", ...SMALL, "32"],
  },
  { model: "SmolLM2-135M", title: "AIME 2024, the first 3", words: ["aime24", "--limit", "3", ...SMALL, "128"] },
  {
    model: "SmolLM2-135M",
    title: "IFEval, the first 10",
    words: ["ifeval", "--limit", "10", ...SMALL, "128"],
  },
];

const measured: Measured[] = JOBS.map(({ model, title, words }, i) => {
  const folder = join(root, `.cache/eval-${i}`);
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  const command = ["eval", ...words, "--seed", "1"];
  const text = execFileSync(process.execPath, ["dist/src/cli/main.js", ...command, "--out", folder, "--json"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { headline, replies, unanswered, ends, tokens } = JSON.parse(text) as Report;
  return {
    model,
    title,
    command: `qwq ${command.join(" ")}`,
    headline,
    replies,
    unanswered,
    ends,
    tokens: tokens?.mean,
  };
});

writeFileSync(RESULTS, `${JSON.stringify(measured, undefined, 2)}\n`);
writeFileSync(SCORES, withScores(readFileSync(SCORES, "utf8"), measured));
