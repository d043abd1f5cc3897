/** The scores of QwQ-32B and of those it is compared with, as their authors give them; and numbers that are copied widely and wrong. */

export interface Official {
  readonly bench: string;
  readonly value: number;
  readonly source: string;
}

/** A model's scores by benchmark, in per cent. */
export interface Row {
  readonly model: string;
  readonly scores: Readonly<Record<string, number>>;
}

const CHART = "the chart of the QwQ-32B announcement, 6 March 2025";
const QWEN3 = "the Qwen3 report, arXiv 2505.09388, table 13";
const README = "QwenLM/QwQ, eval/README";

/** QwQ-32B's own, each with where it stands. */
export const OFFICIAL: readonly Official[] = [
  { bench: "aime24", value: 79.5, source: CHART },
  { bench: "aime25", value: 69.5, source: README },
  { bench: "livecodebench", value: 63.4, source: CHART },
  { bench: "livebench", value: 73.1, source: CHART },
  { bench: "ifeval", value: 83.9, source: CHART },
  { bench: "bfcl", value: 66.4, source: CHART },
  { bench: "math500", value: 98.0, source: QWEN3 },
  { bench: "gpqa", value: 65.6, source: QWEN3 },
];

export function officialOf(bench: string): Official | undefined {
  return OFFICIAL.find((one) => one.bench === bench);
}

/** The whole chart. */
export const CHART_ROWS: readonly Row[] = [
  { model: "QwQ-32B", scores: { aime24: 79.5, livecodebench: 63.4, livebench: 73.1, ifeval: 83.9, bfcl: 66.4 } },
  {
    model: "DeepSeek-R1 (671B)",
    scores: { aime24: 79.8, livecodebench: 65.9, livebench: 71.6, ifeval: 83.3, bfcl: 60.3 },
  },
  { model: "o1-mini", scores: { aime24: 63.6, livecodebench: 53.8, livebench: 59.1, ifeval: 84.8, bfcl: 62.8 } },
  {
    model: "R1-Distill-Llama-70B",
    scores: { aime24: 70.0, livecodebench: 57.5, livebench: 57.9, ifeval: 79.3, bfcl: 49.3 },
  },
  {
    model: "R1-Distill-Qwen-32B",
    scores: { aime24: 72.6, livecodebench: 57.2, livebench: 54.6, ifeval: 72.5, bfcl: 53.5 },
  },
];

/** A row that is copied from page to page and agrees with no source: QwQ-32B, DeepSeek-R1, o1-mini. */
export interface Wrong {
  readonly bench: string;
  readonly copied: readonly [qwq: number, r1: number, mini: number];
}

export const WRONG: readonly Wrong[] = [
  { bench: "livebench", copied: [84.2, 83.5, 71.3] },
  { bench: "ifeval", copied: [92.1, 89.7, 85.4] },
  { bench: "bfcl", copied: [88.6, 86.2, 79.5] },
];
