/** The tables of docs/scores.md: from src/eval/scores.ts and from what kernels/bench/eval.ts measured. */
import { join } from "node:path";
import { benchOf } from "../../src/eval/benches.ts";
import { percent } from "../../src/eval/charts.ts";
import type { Metric } from "../../src/eval/report.ts";
import { CHART_ROWS, OFFICIAL, WRONG } from "../../src/eval/scores.ts";

const root = join(import.meta.dirname, "../..");
export const RESULTS = join(root, "kernels/bench/results/eval.json");
export const SCORES = join(root, "docs/scores.md");

export interface Measured {
  readonly model: string;
  readonly title: string;
  readonly command: string;
  readonly headline: Metric;
  readonly replies: number;
  readonly unanswered: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly tokens?: number | undefined;
}

/** What follows `--server URL` in the command that asks for a score as QwQ's authors did. */
const FURTHER: Readonly<Record<string, string>> = {
  aime24: "--samples 64",
  aime25: "--samples 64",
  livecodebench: "--data livecodebench_v5.jsonl --samples 8",
  ifeval: "",
  bfcl: "--data FOLDER",
  math500: "--data test.jsonl --samples 4",
  gpqa: "--data gpqa_diamond.csv --samples 8",
  livebench: "--data FOLDER",
};

const TITLES: Readonly<Record<string, string>> = { livebench: "LiveBench" };

const titleOf = (bench: string) => TITLES[bench] ?? benchOf(bench).title;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function officialTable(): string {
  const rows = OFFICIAL.map(({ bench, value, source }) => {
    const how = `\`${`qwq eval ${bench} --server URL ${FURTHER[bench]!}`.trim()}\``;
    return [titleOf(bench), value.toFixed(1), source, how];
  });
  return table(["benchmark", "QwQ-32B", "stands in", "on one's own server"], rows);
}

function chartTable(): string {
  const benches = Object.keys(CHART_ROWS[0]!.scores);
  return table(
    ["model", ...benches.map(titleOf)],
    CHART_ROWS.map(({ model, scores }) => [model, ...benches.map((bench) => scores[bench]!.toFixed(1))]),
  );
}

function wrongTable(): string {
  const models = ["QwQ-32B", "DeepSeek-R1 (671B)", "o1-mini"];
  const right = (bench: string) => models.map((model) => CHART_ROWS.find((row) => row.model === model)!.scores[bench]!);
  return table(
    ["benchmark", ...models.map((model) => `${model}: copied, and in truth`)],
    WRONG.map(({ bench, copied }) => [
      titleOf(bench),
      ...copied.map((value, i) => `~~${value.toFixed(1)}~~ ${right(bench)[i]!.toFixed(1)}`),
    ]),
  );
}

function measuredTable(measured: readonly Measured[]): string {
  const rows = measured.map(({ model, title, command, headline: { name, estimate }, replies, unanswered, ends }) => [
    model,
    title,
    `${name} ${percent(estimate.value)} (${percent(estimate.low)} to ${percent(estimate.high)})`,
    `${replies}, of which ${unanswered} without an answer${ends["context"] === undefined ? "" : ` and ${ends["context"]} with no room for the prompt`}`,
    `\`${command}\``,
  ]);
  return table(["model", "what", "score (95 %)", "replies", "command"], rows);
}

/** The page with its tables between their markers. */
export function withScores(page: string, measured: readonly Measured[]): string {
  const tables = {
    official: officialTable(),
    chart: chartTable(),
    wrong: wrongTable(),
    measured: measuredTable(measured),
  };
  return Object.entries(tables).reduce((text, [name, lines]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    if (!text.includes(open)) return text;
    return `${text.slice(0, text.indexOf(open) + open.length)}\n\n${lines}\n\n${text.slice(text.indexOf(close))}`;
  }, page);
}
