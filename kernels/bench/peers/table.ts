/** The table of peers, in Markdown, from the committed result or another: `npx tsx kernels/bench/peers/table.ts [FILE]`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.ts";

/** One process of one engine: tokens a second, medians of its repetitions. */
export interface Run {
  readonly prefill: number;
  readonly decode: number;
  /** Seconds. */
  readonly load: number;
  readonly peakBytes?: number;
  readonly version: string;
}

/** What run.ts writes. */
export interface Peers {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memory: number;
    readonly node: string;
  };
  readonly settings: {
    readonly prompt: number;
    readonly generate: number;
    readonly repeat: number;
    readonly backend: string;
    readonly activations: string;
    readonly node: string;
  };
  readonly seconds: number;
  /** Engines that were not installed. */
  readonly absent: readonly string[];
  /** Bytes a second of plain reading by one and two threads, and each engine's run, by "engine/model/threads". */
  readonly rounds: readonly {
    readonly memory: { readonly one: number; readonly two: number };
    readonly runs: Readonly<Record<string, Run>>;
  }[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Every engine's medians, their spread, and their ratio to llama.cpp's best number of threads on the same model. */
export function table({ machine, settings, rounds, absent }: Peers): string {
  const ids = Object.keys(rounds[0]?.runs ?? {});
  const of = (id: string, what: "prefill" | "decode") => rounds.map(({ runs }) => runs[id]![what]);
  const best = (model: string, what: "prefill" | "decode") => {
    const natives = ids.filter((id) => id.startsWith(`llama.cpp/${model}/`));
    return natives.length === 0 ? undefined : Math.max(...natives.map((id) => median(of(id, what))));
  };
  const rows = ids.map((id) => {
    const [engine = "", model = "", threads = ""] = id.split("/");
    const against = best(nativeOf(model), "prefill");
    const cells = (["prefill", "decode"] as const).flatMap((what) => {
      const values = of(id, what);
      const native = against === undefined ? undefined : best(nativeOf(model), what);
      const spread = `${figure(median(values))} (${figure(Math.min(...values))} to ${figure(Math.max(...values))})`;
      return [spread, native === undefined ? "-" : (median(values) / native).toFixed(2)];
    });
    return [engine, NAMES[model] ?? model, threads, ...cells];
  });
  const head = ["engine", "weights", "threads", "prefill, tokens/s", "of native", "decode, tokens/s", "of native"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const GBs = (threads: "one" | "two") => (median(rounds.map(({ memory }) => memory[threads])) / 1e9).toFixed(1);
  const versions = [...new Set(ids.map((id) => rounds[0]!.runs[id]!.version.replace(/, \d+ threads/, "")))].join("; ");
  const without = absent.length === 0 ? "" : ` Not installed in this run: ${absent.join(", ")}.`;
  return `${lines.join("\n")}

Medians of ${rounds.length} interleaved rounds (smallest to largest), prompt ${settings.prompt}, then ${settings.generate} greedy; "native" is llama.cpp
at its best number of threads on the same weights, or on Q4_0 for int4 and on Q8_0 for what else it does not have. ${machine.processor}, ${machine.cores} cores,
ours on Node ${settings.node} with ${settings.activations} activations; plain reading of memory ${GBs("one")} GB/s by one thread, ${GBs("two")} by two. ${versions}.${without}`;
}

export const NAMES: Readonly<Record<string, string>> = {
  q8_0: "0.5B, Q8_0",
  q4_0: "0.5B, Q4_0",
  int8: "0.5B, int8 of ours, rows",
  smollm2: "SmolLM2-135M, Q4_1",
  "int8-dynamic": "0.5B, int8 dynamic",
  int4: "0.5B, int4",
  float32: "0.5B, float32",
  bfloat16: "0.5B, bfloat16",
};

/** The models that llama.cpp has too. */
export const SHARED = ["q8_0", "q4_0", "smollm2"] as const;

/** What llama.cpp runs beside `model`. */
function nativeOf(model: string): string {
  if ((SHARED as readonly string[]).includes(model)) return model;
  return model === "int4" ? "q4_0" : "q8_0";
}

/** The short table of README.md: the 0.5B shape in 8 bits on two threads, who can no more on one. */
export function speeds({ machine, settings, rounds }: Peers): string {
  const ids = ["ours", "ours on Node 24", "llama.cpp", "ours in Chromium", "wllama in Chromium"].map((name) => [
    name,
    `${name}/q8_0/2`,
  ]);
  const others = ["transformers.js", "transformers.js in Chromium"].map((name) => [name, `${name}/int8-dynamic/2`]);
  const all = [...ids, ...others, ["llama3pure", "llama3pure/q8_0/1"], ["Hugging Face", "Hugging Face/bfloat16/2"]];
  const rows = all
    .filter(([, id]) => rounds[0]!.runs[id!] !== undefined)
    .map(([name, id]) => {
      const [, model = "", threads] = id!.split("/");
      const of = (what: "prefill" | "decode") => figure(median(rounds.map(({ runs }) => runs[id!]![what])));
      return [name!, NAMES[model]!.replace("0.5B, ", ""), threads!, of("prefill"), of("decode")];
    });
  const head = ["engine", "weights", "threads", "read a second", "written a second"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}

Tokens of a Qwen2 of 0.5B parameters, random weights, prompt ${settings.prompt}, then ${settings.generate} greedy; medians of ${rounds.length} interleaved rounds,
${machine.processor}, ${machine.cores} cores, Node ${machine.node} unless named. Made by \`npm run bench:peers\`; all of it, with spread and versions: [docs/kernels.md](docs/kernels.md).`;
}

const figure = (value: number) => value.toFixed(value < 20 ? 1 : 0);

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2] ?? join(root, "kernels/bench/results/peers.json");
  console.log(table(JSON.parse(readFileSync(file, "utf8")) as Peers));
}
