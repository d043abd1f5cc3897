/** The tables of single kernels, in Markdown: `npx tsx kernels/bench/kernels/table.ts [FILE]`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../peers/places.ts";
import { median } from "../peers/table.ts";
import type { Ceilings, Kind } from "./ceilings.ts";
import type { OneSpeed } from "./one.ts";
import type { Speeds } from "./speeds.ts";

/** So many threads in one round. */
interface Side {
  readonly threads: number;
  /** Plain reading of memory, in native code. */
  readonly bytesPerSecond: number;
  /** Reading by WebAssembly's loads: bytes a second. Not in results of before it was measured. */
  readonly loadsPerSecond?: number;
  readonly ceilings: Ceilings;
  readonly speeds: Speeds;
  /** One token in rows of several widths. */
  readonly ones: readonly OneSpeed[];
}

/** What kernels.ts writes. */
export interface Kernels {
  readonly machine: { readonly processor: string; readonly cores: number };
  readonly rounds: readonly { readonly node: string; readonly sides: readonly Side[] }[];
}

const INSTRUCTIONS: Readonly<Record<Kind, string>> = {
  f32: "f32x4.mul and f32x4.add",
  i16: "i32x4.dot_i16x8_s and i32x4.add",
  i8: "i32x4.relaxed_dot_i8x16_i7x16_add_s",
};

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What one cell says of each round: a figure, and the limit that the same round measured. */
interface Cell {
  readonly figures: readonly number[];
  readonly limits: readonly number[];
}

/** A figure in 1e9 a second and its share of the limit, medians of the rounds. */
function shown({ figures, limits }: Cell): string {
  const share = median(figures.map((figure, i) => figure / limits[i]!));
  return `${(median(figures) / 1e9).toFixed(1)} (${share.toFixed(2)})`;
}

/** How far apart the rounds are: (most - least) / median, the middle of all cells and the widest. */
function spread(cells: readonly Cell[]): string {
  const widths = cells.map(({ figures }) => (Math.max(...figures) - Math.min(...figures)) / median(figures));
  return `${(100 * median(widths)).toFixed(0)} % between the rounds in the middle, ${(100 * Math.max(...widths)).toFixed(0)} % at most`;
}

/** Columns of the table of products: tokens, threads. */
const COLUMNS = [
  [1, 1],
  [1, 2],
  [16, 2],
  [64, 2],
  [128, 1],
  [128, 2],
] as const;

/** One product of every round: bytes of weights a second for one token, else operations. */
function productCell(sides: readonly Side[], format: string, tokens: number): Cell {
  const each = sides.map(({ speeds, bytesPerSecond, ceilings }) => {
    const of = speeds.products.find((one) => one.format === format && one.tokens === tokens)!;
    return tokens === 1
      ? { figure: of.bytes / of.seconds, limit: bytesPerSecond }
      : { figure: of.operations / of.seconds, limit: ceilings[of.kind]! };
  });
  return { figures: each.map(({ figure }) => figure), limits: each.map(({ limit }) => limit) };
}

function attentionCell(sides: readonly Side[], cache: string): Cell {
  return {
    figures: sides.map(({ speeds }) => {
      const { bytes, seconds } = speeds.attention.find((one) => one.cache === cache)!;
      return bytes / seconds;
    }),
    limits: sides.map(({ bytesPerSecond }) => bytesPerSecond),
  };
}

/** Bytes of weights a second of one token, against plain reading in the same round. */
function oneCell(sides: readonly Side[], of: OneSpeed): Cell {
  const same = (one: OneSpeed) =>
    one.format === of.format && one.activations === of.activations && one.inputs === of.inputs;
  const each = sides.map(({ ones }) => ones.find(same)!);
  return {
    figures: each.map(({ bytes, seconds }) => bytes / seconds),
    limits: sides.map(({ bytesPerSecond }) => bytesPerSecond),
  };
}

/** One token by the inputs of a row, of each format and kind of activations. */
function onesTable(by: (threads: number) => readonly Side[], put: (cell: Cell) => string): string {
  const { ones } = by(1)[0]!;
  const widths = [...new Set(ones.map(({ inputs }) => inputs))].sort((a, b) => a - b);
  const columns = widths.flatMap((I) => [1, 2].map((threads) => [I, threads] as const));
  const kinds = [...new Map(ones.map((one) => [`${one.format} ${one.activations}`, one])).values()];
  const rows = kinds.map(({ format, activations }) => [
    format,
    activations,
    ...columns.map(([I, threads]) => {
      const of = ones.find((one) => one.format === format && one.activations === activations && one.inputs === I);
      return of === undefined ? "" : put(oneCell(by(threads), of));
    }),
  ]);
  return markdown(["weights", "activations", ...columns.map(([I, threads]) => `${I}, ${threads} thr.`)], rows);
}

/** What the machine could do, by so many threads. */
function limits(sides: readonly Side[], threads: number): string {
  const kinds = (Object.keys(INSTRUCTIONS) as Kind[]).filter((kind) => sides[0]!.ceilings[kind] !== undefined);
  const each = kinds.map((kind) => `${(median(sides.map((side) => side.ceilings[kind]!)) / 1e9).toFixed(0)} ${kind}`);
  const gigabytes = (rates: readonly number[]) => (median(rates) / 1e9).toFixed(1);
  const reading = gigabytes(sides.map((side) => side.bytesPerSecond));
  const loads = sides.flatMap(({ loadsPerSecond }) => loadsPerSecond ?? []);
  const byLoads = loads.length > 0 ? ` natively, ${gigabytes(loads)} by wasm's loads` : "";
  return `${threads} thread${threads > 1 ? "s" : ""}: plain reading ${reading} GB/s${byLoads}; ceilings ${each.join(", ")} GOP/s`;
}

/** One Node: its limits, products and attention. */
function nodeTables(node: string, of: Kernels): string {
  const rounds = of.rounds.filter((round) => round.node === node);
  const by = (threads: number) => rounds.map(({ sides }) => sides.find((side) => side.threads === threads)!);
  const { products, attention } = by(1)[0]!.speeds;
  const cells: Cell[] = [];
  const put = (cell: Cell) => shown((cells.push(cell), cell));
  const rows = [...new Set(products.map(({ format }) => format))].map((format) => [
    format,
    products.find((one) => one.format === format)!.kind,
    ...COLUMNS.map(([tokens, threads]) => put(productCell(by(threads), format, tokens))),
  ]);
  const head = COLUMNS.map(([T, threads]) => `T = ${T}, ${threads} thr., ${T === 1 ? "GB/s" : "GOP/s"}`);
  const caches = attention.map(({ cache }) => {
    const [one, two] = [1, 2].map((threads) => put(attentionCell(by(threads), cache)));
    return `${cache} ${one} and ${two}`;
  });
  return [
    `Node ${node}. ${[1, 2].map((threads) => limits(by(threads), threads)).join("; ")}.`,
    markdown(["weights", "product", ...head], rows),
    "One token, GB/s of weights by the inputs of a row:",
    onesTable(by, put),
    `Attention of one token after ${attention[0]!.context}, GB/s of keys and values by one thread and by two: ${caches.join("; ")}.\n${spread(cells)}.`,
  ].join("\n\n");
}

/** Every Node's kernels, as shares of what the same rounds measured. */
export function kernelsTable(of: Kernels): string {
  const nodes = [...new Set(of.rounds.map(({ node }) => node))];
  const { processor, cores } = of.machine;
  const names = Object.entries(INSTRUCTIONS).map(([kind, name]) => `${kind}: ${name}`);
  return `${nodes.map((node) => nodeTables(node, of)).join("\n\n")}

In brackets the share of the limit: of plain reading where T = 1, else of a loop over registers of the product's
instructions (${names.join("; ")}), sixteen tokens or more of i16; where lanes are
joined to 256 bits they pass the ceiling, which is of 128. Matrices of 4,864 by 4,864
in turn out of more memory than the caches hold; with int8 activations, the rounding of which and copying in and out are
included. Attention has QwQ-32B's shape. Medians of ${of.rounds.length / nodes.length} rounds, ${processor}, ${cores} cores. Made by \`npm run bench:kernels\`.`;
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2] ?? join(root, "kernels/bench/results/kernels.json");
  console.log(kernelsTable(JSON.parse(readFileSync(file, "utf8")) as Kernels));
}
