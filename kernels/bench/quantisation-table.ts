/**
 * Puts what number formats cost into docs/quantisation.md: `npx tsx kernels/bench/quantisation-table.ts`. A test checks that
 * it says what kernels/bench/results/quantisation.json says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Comparison } from "../../src/generate/against.ts";

const root = join(import.meta.dirname, "../..");

export interface Quantisation {
  readonly tokens: number;
  readonly window: number;
  readonly sourceBytes: number;
  readonly models: Readonly<Record<string, Comparison & { readonly bytes: number }>>;
}

/** What the names of the models stand for. */
const TITLES: Readonly<Record<string, string>> = {
  f16: "GGUF F16",
  bf16: "GGUF BF16",
  q8_0: "GGUF Q8_0",
  "gptq-int8": "GPTQ int8, groups of 64",
  "ct-w8a16": "compressed-tensors W8A16, rows",
  "llm-int8": "LLM.int8, rows",
  q5_0: "GGUF Q5_0",
  q5_1: "GGUF Q5_1",
  q4_1: "GGUF Q4_1",
  q4_0: "GGUF Q4_0",
  awq: "AWQ int4, groups of 64",
  "gptq-int4": "GPTQ int4, groups of 64",
  "ct-w4a16": "compressed-tensors W4A16, groups of 64",
  int8: "ours int8, rows",
  "int8-g32": "ours int8, groups of 32",
  "int8-g64": "ours int8, groups of 64",
  "int8-g128": "ours int8, groups of 128 (see below)",
  "qwq-q4_0": "GGUF Q4_0, `qwq quantize`",
  q4_k: "GGUF Q4_K, `qwq quantize` (see below)",
  q6_k: "GGUF Q6_K, `qwq quantize` (see below)",
};

/** The page with the table of `results` between its markers, the least lossy first. */
export function withQuantisation(page: string, { models }: Quantisation): string {
  const rows = Object.entries(models).sort(([, a], [, b]) => a.kl.mean - b.kl.mean);
  const cells = rows.map(([name, { bytes, perplexity, sourcePerplexity, kl, agreement }]) => [
    TITLES[name] ?? name,
    (bytes / 1e6).toFixed(1),
    perplexity.toFixed(3),
    `${(100 * (perplexity / sourcePerplexity - 1)).toFixed(2)} %`,
    `${kl.mean.toPrecision(2)} ± ${kl.error.toPrecision(1)}`,
    kl.median.toPrecision(2),
    kl.p99.toPrecision(2),
    kl.max.toPrecision(2),
    `${(100 * agreement).toFixed(1)} %`,
  ]);
  const head = ["format", "MB", "perplexity", "more", "mean KL", "median", "99 %", "largest", "same first"];
  const lines = [head, head.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`);
  const [open, close] = ["<!-- quantisation -->", "<!-- /quantisation -->"];
  return `${page.slice(0, page.indexOf(open) + open.length)}\n${lines.join("\n")}\n${page.slice(page.indexOf(close))}`;
}

export const QUANTISATION: string = join(root, "docs/quantisation.md");

/** The committed numbers. */
export function readQuantisation(): Quantisation {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/quantisation.json"), "utf8")) as Quantisation;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(QUANTISATION, withQuantisation(readFileSync(QUANTISATION, "utf8"), readQuantisation()));
}
