/**
 * docs/full-32b.md from what `npm run test:32b` measured (results/full-32b.json, full-32b-memory.json):
 *
 *   npx tsx kernels/bench/full.ts
 *
 * A test checks that the page says what the results say.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QWQ_32B } from "../../src/config.ts";

const root = join(import.meta.dirname, "../..");
export const PAGE: string = join(root, "docs/full-32b.md");

interface Cost {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly readBytes: number;
}

/** What is used here of results/full-32b.json, which test/32b/results.ts makes. */
interface Full {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memory: number;
    readonly disk: { readonly device: string; readonly filesystem: string };
    readonly node: string;
  };
  readonly checkpoint: { readonly command: string; readonly tensors: number; readonly weightBytes: number };
  readonly promised: { readonly memory: number; readonly context: number };
  readonly prompt: readonly number[];
  readonly generated: readonly number[];
  readonly next: readonly {
    readonly f32: number;
    readonly f64: number;
    readonly margin: number;
    readonly noise: number;
  }[];
  readonly run: Cost;
  readonly record: Cost & { readonly layers: readonly number[]; readonly taps: number; readonly tokens: number };
  readonly huggingFace: Pick<Cost, "peakBytes"> & { readonly versions: Readonly<Record<string, string>> };
  readonly rows: {
    readonly compared: number;
    readonly worstShare: number;
    readonly at: string;
    readonly nearer: number;
  };
  readonly taps: Readonly<Record<string, number>>;
  readonly steps: { readonly compared: number; readonly byOperation: Readonly<Record<string, number>> };
}

export function readFull(): Full {
  return JSON.parse(readFileSync(join(root, "kernels/bench/results/full-32b.json"), "utf8")) as Full;
}

/** The page with the numbers between its markers. */
export function withFull(page: string, full: Full): string {
  const parts = { run: runTable(full), next: nextTable(full), rows: rowsTable(full), steps: stepsTable(full) };
  return Object.entries(parts).reduce((text, [name, content]) => between(text, name, content), page);
}

function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  return `${text.slice(0, text.indexOf(open) + open.length)}\n${content}\n${text.slice(text.indexOf(close))}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const GB = (bytes: number) => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 1)} GB`;

function runTable({ machine, checkpoint, promised, prompt, generated, run, record, huggingFace }: Full): string {
  const { processor, cores, memory, disk, node } = machine;
  const { layers, keyHeads, headSize } = QWQ_32B;
  const filled = run.peakBytes + 4 * 2 * layers * keyHeads * headSize * promised.context;
  const tokens = (ids: readonly number[]) => `${ids.length} (${ids.join(" ")})`;
  return table(
    ["", ""],
    [
      ["machine", `${processor}, ${cores} cores, ${GB(memory)}, ${disk.filesystem} on ${disk.device}, Node ${node}`],
      ["checkpoint", `\`${checkpoint.command}\`: ${checkpoint.tensors} tensors, ${GB(checkpoint.weightBytes)}`],
      ["prompt; generated", `${tokens(prompt)}; ${tokens(generated)}`],
      ["memory promised", `${promised.memory / 2 ** 30} GiB, with room for ${promised.context} tokens`],
      ["`qwq run`", `peak ${GB(run.peakBytes)}; ${GB(run.readBytes)} read from the disk`],
      ["the same with all that room filled", `${GB(filled)}: with float32 keys and values, computed`],
      ["`qwq oracle record`", `peak ${GB(record.peakBytes)}; ${record.taps} taps of ${record.tokens} tokens`],
      ["Hugging Face, for comparison", `peak ${GB(huggingFace.peakBytes)}, a matrix at a time, and float64`],
    ],
  );
}

function nextTable({ generated, next }: Full): string {
  return table(
    ["ours", "Hugging Face", "float64", "above the second by", "largest noise of a logit"],
    generated.map((id, i) => {
      const { f32, f64, margin, noise } = next[i]!;
      return [`${id}`, `${f32}`, `${f64}`, margin.toFixed(4), noise.toExponential(1)];
    }),
  );
}

function rowsTable({ record, rows, taps }: Full): string {
  const said =
    `${rows.compared} rows (layers ${record.layers.join(", ")}): ${rows.nearer} at least as near to float64 as Hugging ` +
    `Face's float32; the worst takes ${rows.worstShare.toFixed(2)} of its bound (${rows.at}).`;
  const cells = Object.entries(taps).map(([name, share]) => [name, share.toFixed(2)]);
  return `${said}\n\n${table(["tap", "largest share of the bound"], cells)}`;
}

function stepsTable({ steps }: Full): string {
  const ofModule = (name: string) => steps.byOperation[`${name} (Hugging Face's module)`];
  const rows = Object.entries(steps.byOperation)
    .filter(([name]) => !name.includes("("))
    .map(([name, share]) => [name, boundOf(name), share.toFixed(2), ofModule(name)?.toFixed(2) ?? ""]);
  return table(["operation", "bound", "share: float64", "share: Hugging Face's module"], rows);
}

function boundOf(name: string): string {
  if (name === "mid" || name === "out") return "exact";
  if (name === "a") return "u max \\|v\\|";
  if (name === "qr" || name === "kr") return "4 u (\\|x\\| + \\|x'\\|)";
  return ["n1", "n2", "norm", "act"].includes(name) ? "1 ulp" : "u sum \\|w x\\|";
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, withFull(readFileSync(PAGE, "utf8"), readFull()));
