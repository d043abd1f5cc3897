/** Puts the tables into docs/oracle.md, between its markers, from results/: `npx tsx test/hf/oracle/tables.ts`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Cell {
  readonly dtype: string;
  readonly fault: string;
  readonly code: string | null;
  readonly layer: number;
  readonly planted: string;
  readonly above: boolean;
  readonly compare: string | null;
  readonly replay: string | null;
  readonly named: string | null;
  readonly none: boolean;
  readonly cosine: number;
  readonly nmse: number;
  readonly top1: number;
}

interface EngineRun {
  readonly engine?: string;
  readonly dtype?: string;
  readonly attention?: string;
  readonly taps: number;
  readonly compare: { readonly verdict: string; readonly z: number };
  readonly replay: { readonly verdict: string; readonly z: number };
}

/** The number formats for which the figures are asked. */
const DTYPES = ["f32", "bf16", "f16"];

function read<V>(name: string): V {
  return JSON.parse(readFileSync(join(import.meta.dirname, "results", `${name}.json`), "utf8")) as V;
}

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
const at = (tap: string | null, { planted }: Cell) => planted.split(" ").includes(tap ?? "");
const of = (part: readonly unknown[], all: readonly unknown[]) => `${part.length} of ${all.length}`;
const share = (part: readonly unknown[], all: readonly unknown[]) =>
  `${of(part, all)}, ${((100 * part.length) / all.length).toFixed(1)} %`;

/** Correct engines of every results/engines-<model>*.json: how many runs, and the largest z of any tap. */
function engines(): string {
  const files = readdirSync(join(import.meta.dirname, "results")).filter((name) => name.startsWith("engines-"));
  const rows = files.flatMap((file) => {
    const runs = read<EngineRun[]>(file.slice(0, -".json".length));
    const label = (run: EngineRun) => run.engine ?? `Hugging Face, ${run.dtype!}, ${run.attention!}`;
    return [...new Set(runs.map(label))].map((engine) => {
      const mine = runs.filter((run) => label(run) === engine);
      const most = (pick: (run: EngineRun) => number) => Math.max(...mine.map(pick)).toFixed(2);
      const of = (verdict: string) =>
        mine.filter((run) => run.compare.verdict === verdict || run.replay.verdict === verdict).length;
      const [model] = /(?<=engines-)[a-z0-9]+/.exec(file)!;
      const [failed, warned] = [of("fail"), of("warn")];
      return [
        model,
        engine,
        mine.length,
        mine[0]!.taps,
        failed,
        warned,
        most((r) => r.compare.z),
        most((r) => r.replay.z),
      ];
    });
  });
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
  rows.push(["", "all", sum(2), "", sum(4), sum(5), "", ""]);
  return table(["model", "engine", "runs", "taps", "failed", "warned", "z, compare", "z, replay"], rows);
}

/** Of the cells above their noise: found and named. */
function found(cells: readonly Cell[]): string {
  const rows = DTYPES.map((dtype) => {
    const above = cells.filter((cell) => cell.dtype === dtype && cell.above);
    const [listed, others] = [above.filter(({ code }) => code !== null), above.filter(({ code }) => code === null)];
    return [
      dtype,
      share(
        listed.filter((cell) => at(cell.compare, cell)),
        listed,
      ),
      share(
        listed.filter((cell) => at(cell.replay, cell)),
        listed,
      ),
      share(
        listed.filter((cell) => cell.named === cell.code && !cell.none),
        listed,
      ),
      share(
        others.filter((cell) => at(cell.replay, cell)),
        others,
      ),
      share(
        others.filter(({ none }) => none),
        others,
      ),
    ];
  });
  return table(["", "first tap, compare", "first tap, replay", "named", "others located", 'others "none"'], rows);
}

/** The bugs that each end-to-end gate lets pass in every layer in which they were planted. */
function gates(cells: readonly Cell[]): string {
  const passes: readonly (readonly [string, (cell: Cell) => boolean])[] = [
    ["cosine > 0.99", ({ cosine }) => cosine > 0.99],
    ["NMSE < 1e-2", ({ nmse }) => nmse < 1e-2],
    ["top-1 all the same", ({ top1 }) => top1 === 1],
  ];
  const rows = DTYPES.flatMap((dtype) => {
    const above = cells.filter((cell) => cell.dtype === dtype && cell.above);
    const caught = above.filter((cell) => at(cell.replay, cell));
    return passes.map(([gate, pass]) => {
      const passed = above.filter(pass);
      return [
        dtype,
        gate,
        of(passed, above),
        of(
          passed.filter((cell) => caught.includes(cell)),
          passed,
        ),
      ];
    });
  });
  return table(["", "gate", "wrong engines it lets pass", "of these, found by replay"], rows);
}

/** What was not found or not named, and what lies below the noise. */
function rest(cells: readonly Cell[]): string {
  const asked = cells.filter(({ dtype }) => DTYPES.includes(dtype));
  const names = (some: readonly Cell[]) =>
    [...new Set(some.map(({ dtype, fault }) => `${fault} ${dtype}`))]
      .map((one) => {
        const layers = some.filter(({ dtype, fault }) => `${fault} ${dtype}` === one).map(({ layer }) => layer);
        return `${one.replace(" ", " (")}, ${layers.length === 1 ? "layer" : "layers"} ${layers.join(" ")})`;
      })
      .join(", ") || "none";
  const above = asked.filter((cell) => cell.above);
  const right = (cell: Cell) => (cell.code === null ? cell.none : cell.named === cell.code && !cell.none);
  return [
    `- below six noises, and not counted: ${names(asked.filter((cell) => !cell.above))}`,
    `- not at its first tap by compare: ${names(above.filter((cell) => !at(cell.compare, cell)))}`,
    `- not at its first tap by replay: ${names(above.filter((cell) => !at(cell.replay, cell)))}`,
    `- not named right: ${names(above.filter((cell) => !right(cell)))}`,
  ].join("\n");
}

const path = join(import.meta.dirname, "../../../docs/oracle.md");
const cells = read<Cell[]>("planted");
const parts = {
  engines: engines(),
  found: found(cells),
  gates: gates(cells),
  rest: rest(cells),
};
const text = Object.entries(parts).reduce(
  (page, [name, part]) =>
    page.replace(new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`), (_, a: string, b: string) => a + part + b),
  readFileSync(path, "utf8"),
);
writeFileSync(path, text);
