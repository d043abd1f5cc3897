/**
 * Puts the measured numbers into README.md and docs/memory.md, between their markers: `npx tsx kernels/bench/tables.ts`.
 * A test checks that they say what kernels/bench/results says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QWQ_32B } from "../../src/config.ts";
import { KERNELS, readKernels, withKernels } from "./kernels-table.ts";
import { type Peers, speeds } from "./peers/table.ts";
import { plan } from "../../src/library/plan.ts";

const root = join(import.meta.dirname, "../..");

interface Speed {
  readonly tokens: number;
  readonly tokensPerSecond: number;
}

interface Measured {
  readonly load: { readonly seconds: number };
  readonly prefill: Speed;
  readonly decode: Speed;
  readonly peakBytes: number;
  readonly accuracy: { readonly taps: number; readonly nearer: number; readonly worstFloors: number };
}

export interface Core {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memory: number;
    readonly node: string;
  };
  readonly tiny: Measured;
  readonly smollm2: Measured & {
    readonly fileBytes: number;
    readonly runPeakBytes: number;
    readonly accuracy: {
      readonly answer: string;
      readonly greedyTokens: number;
      readonly greedySame: number;
      readonly perplexity: readonly {
        readonly window: number;
        readonly ours: number;
        readonly huggingFace: number;
        readonly relative: number;
      }[];
    };
  };
  readonly encode: readonly { readonly text: string; readonly seconds: number; readonly tokens: number }[];
}

const MB = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

/** The README with the numbers of `core`, and those of `qwq plan`, between its markers. */
export function withNumbers(readme: string, core: Core, peers: Peers): string {
  const parts = { answer: answer(core), numbers: numbers(core), plan: planned(), speeds: speeds(peers) };
  return Object.entries(parts).reduce((text, [name, content]) => between(text, name, content), readme);
}

/** The published forms that differ most; `qwq plan qwq-32b` has them all. */
const FORMS = [
  "bf16",
  "gptq-int8",
  "gguf-q8_0",
  "gguf-q6_k",
  "gguf-q5_k_m",
  "gguf-q4_k_m",
  "awq",
  "gguf-q4_0",
  "gguf-q3_k_m",
  "gguf-q2_k",
];

/** QwQ-32B in memory and from disk: what `qwq plan qwq-32b` says. */
function planned(): string {
  const { forms, sizes, run } = plan(QWQ_32B, 4096, 0);
  const memories = sizes.slice(0, -1);
  const tokens = (n: number | null) => (n === null ? "-" : n < 1000 ? `${n}` : `${(n / 1000).toFixed(0)}k`);
  const rows = forms
    .filter(({ key }) => FORMS.includes(key))
    .map(({ title, bytes, perToken, contexts }) =>
      [
        title,
        (bytes / 1e9).toFixed(1),
        ...contexts.slice(0, -1).map(tokens),
        `${Math.round(perToken / 1e9)} GB a token`,
      ].join(" | "),
    );
  const head = ["weights", "GB", ...memories.map((size) => `${size / 1e9} GB`), "from disk"];
  const lines = [head.join(" | "), head.map(() => "---").join(" | "), ...rows].map((line) => `| ${line} |`);
  return `${lines.join("\n")}\n\nFrom disk, any of them takes by this plan ${(run.total / 2 ** 30).toFixed(1)} GiB at a context of 4,096 tokens.`;
}

function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  return `${text.slice(0, text.indexOf(open) + open.length)}\n${content}\n${text.slice(text.indexOf(close))}`;
}

function answer({ smollm2 }: Core): string {
  return smollm2.accuracy.answer
    .trim()
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}

function numbers({ machine, tiny, smollm2, encode }: Core): string {
  const accuracy = ({ taps, nearer, worstFloors }: Measured["accuracy"]) =>
    `${nearer} of ${taps} at least as near to float64 as Hugging Face's float32; worst error ${worstFloors.toFixed(2)} floors (bound 4)`;
  const worst = Math.max(...smollm2.accuracy.perplexity.map(({ relative }) => relative));
  const slowest = Math.max(...encode.map(({ seconds }) => seconds));
  const rows = [
    ["activations of the tiny model", accuracy(tiny.accuracy)],
    ["activations of SmolLM2-135M (real weights; layers 0, 14, 29)", accuracy(smollm2.accuracy)],
    [
      "greedy tokens of SmolLM2",
      `${smollm2.accuracy.greedySame} of ${smollm2.accuracy.greedyTokens} the same as Hugging Face's`,
    ],
    [
      "perplexity of SmolLM2",
      `${smollm2.accuracy.perplexity.map(({ ours }) => ours.toFixed(4)).join(" and ")}; from Hugging Face's by ${worst.toExponential(0)}, relative`,
    ],
    [
      "SmolLM2, decode (prefill)",
      `${smollm2.decode.tokensPerSecond.toFixed(1)} (${smollm2.prefill.tokensPerSecond.toFixed(1)}) tokens/s`,
    ],
    ["peak memory of `qwq run` on its file of " + MB(smollm2.fileBytes), MB(smollm2.runPeakBytes)],
    ["encoding a megabyte with Qwen's vocabulary", `at most ${slowest.toFixed(2)} s (${encode.length} kinds of text)`],
  ];
  const table = rows.map(([what, figure]) => `| ${what} | ${figure} |`).join("\n");
  const { processor, cores, node } = machine;
  return `| | |\n|---|---|\n${table}\n\nMade by \`npm run bench\` (kernels/bench/results/core.json): ${processor}, ${cores} cores, Node ${node}; the reference, one thread.`;
}

interface KvRow {
  readonly kv: string;
  readonly bytesPerToken: number;
  readonly perplexity: number;
}

/** docs/memory.md with what keys and values cost in each format. */
export function withKv(text: string, rows: readonly KvRow[]): string {
  const first = rows[0]!.perplexity;
  const lines = rows.map(({ kv, bytesPerToken, perplexity }) => {
    const more = `${((100 * perplexity) / first - 100).toFixed(3)} %`;
    return `| ${kv} | ${bytesPerToken.toLocaleString("en-US")} | ${perplexity.toFixed(4)} | ${more} |`;
  });
  return between(
    text,
    "kv",
    ["| format | bytes a token | perplexity | more |", "|---|---|---|---|", ...lines].join("\n"),
  );
}

/** The committed numbers of kv.ts. */
export function readKv(): readonly KvRow[] {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/kv.json"), "utf8")) as KvRow[];
}

interface Reading {
  readonly bytes: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly peakBytes?: number;
}

interface Streaming {
  readonly machine: Core["machine"] & { readonly kernel: string };
  readonly weights: number;
  readonly shards: number;
  readonly opening: readonly number[];
  readonly lent: readonly Readonly<Record<"plain" | "lent", Reading>>[];
  readonly rounds: readonly (Readonly<Record<"plain" | "pread" | "mmap", Reading>> & { readonly prompt16?: Reading })[];
}

interface Filled {
  readonly context: number;
  readonly memory: number;
  readonly peakBytes: number;
}

/** docs/streaming.md with what was measured. */
export function withStreaming(text: string, streaming: Streaming, filled: Filled): string {
  const { machine, rounds, opening, lent } = streaming;
  const GBs = ({ bytesPerSecond }: Reading) => (bytesPerSecond / 1e9).toFixed(2);
  const share = (one: number, other: number) => (one / other).toFixed(2);
  const rows = rounds.map(({ plain, pread, mmap, prompt16 }, i) => [
    `${i + 1}`,
    GBs(plain),
    ...[pread, mmap].map((side) => `${GBs(side)} (${share(side.bytesPerSecond, plain.bytesPerSecond)})`),
    `${pread.seconds.toFixed(0)} s`,
    prompt16 === undefined
      ? "not measured"
      : `${prompt16.seconds.toFixed(0)} s (${share(prompt16.seconds, pread.seconds)})`,
  ]);
  const head = ["round", "plain, GB/s", "read (of plain)", "mapped (of plain)", "one token", "prompt of 16 (of one)"];
  const peak = Math.max(...rounds.flatMap((sides) => Object.values(sides).map(({ peakBytes = 0 }) => peakBytes)));
  const middle = [...opening].sort((a, b) => a - b)[Math.floor(opening.length / 2)]!;
  const content = [
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
    "",
    `Nothing computed, every window of a token only lent: ${lent
      .map(
        (pair) =>
          `${GBs(pair.lent)} GB/s, ${share(pair.lent.bytesPerSecond, pair.plain.bytesPerSecond)} of plain reading`,
      )
      .join("; ")}.`,
    "",
    `Peak memory (VmHWM) of these runs: ${(peak / 1e9).toFixed(2)} GB. With the keys and values of all ` +
      `${filled.context.toLocaleString("en-US")} tokens in the cache: ${(filled.peakBytes / 1e9).toFixed(2)} GB of the ` +
      `${(filled.memory / 1e9).toFixed(2)} GB promised (filled.ts). Opening the ${streaming.shards} files, everything validated but ` +
      `the weights' values: ${(1000 * middle).toFixed(0)} ms (median of ${opening.length}).`,
    "",
    `Made by \`npx tsx kernels/bench/streaming.ts\` (kernels/bench/results/streaming.json), one after the other in each`,
    `round, the system's cache of the files emptied before each: ${machine.processor}, ${machine.cores} cores, ` +
      `${(machine.memory / 1e9).toFixed(1)} GB, Linux ${machine.kernel}, Node ${machine.node}.`,
  ];
  return between(text, "streaming", content.join("\n"));
}

/** The committed numbers of filled.ts. */
export function readFilled(): Filled {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/filled.json"), "utf8")) as Filled;
}

/** The committed numbers of streaming.ts. */
export function readStreaming(): Streaming {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/streaming.json"), "utf8")) as Streaming;
}

/** The committed numbers. */
export function readCore(): Core {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/core.json"), "utf8")) as Core;
}

/** The committed numbers of peers/run.ts. */
export function readPeers(): Peers {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/peers.json"), "utf8")) as Peers;
}

export const README: string = join(root, "README.md");
export const MEMORY: string = join(root, "docs/memory.md");
export const STREAMING: string = join(root, "docs/streaming.md");

if (process.argv[1] === import.meta.filename) {
  writeFileSync(README, withNumbers(readFileSync(README, "utf8"), readCore(), readPeers()));
  writeFileSync(MEMORY, withKv(readFileSync(MEMORY, "utf8"), readKv()));
  writeFileSync(KERNELS, withKernels(readFileSync(KERNELS, "utf8"), readKernels()));
  writeFileSync(STREAMING, withStreaming(readFileSync(STREAMING, "utf8"), readStreaming(), readFilled()));
}
