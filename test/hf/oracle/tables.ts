/** Puts the tables into docs/oracle.md, between its markers, from results/: `npx tsx test/hf/oracle/tables.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
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
  readonly dtype: string;
  readonly attention: string;
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

/** Correct engines: how many, and the largest z of any tap. */
function engines(runs: readonly EngineRun[]): string {
  const groups = [...new Set(runs.map(({ dtype, attention }) => `${dtype} ${attention}`))];
  const rows = groups.map((group) => {
    const mine = runs.filter(({ dtype, attention }) => `${dtype} ${attention}` === group);
    const most = (pick: (run: EngineRun) => number) => Math.max(...mine.map(pick)).toFixed(2);
    const failed = mine.filter(({ compare, replay }) => [compare, replay].some(({ verdict }) => verdict === "fail"));
    return [group, mine.length, failed.length, most(({ compare }) => compare.z), most(({ replay }) => replay.z)];
  });
  return table(["engine", "runs", "failed", "largest z, compare", "largest z, replay"], rows);
}

/** Of the cells above their noise: found and named. */
function found(cells: readonly Cell[]): string {
  const rows = DTYPES.map((dtype) => {
    const above = cells.filter((cell) => cell.dtype === dtype && cell.above);
    const [listed, others] = [above.filter(({ code }) => code !== null), above.filter(({ code }) => code === null)];
    return [
      dtype,
      of(
        listed.filter((cell) => at(cell.compare, cell)),
        listed,
      ),
      of(
        listed.filter((cell) => at(cell.replay, cell)),
        listed,
      ),
      of(
        listed.filter((cell) => cell.named === cell.code && !cell.none),
        listed,
      ),
      of(
        others.filter((cell) => at(cell.replay, cell)),
        others,
      ),
      of(
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
    [...new Set(some.map(({ dtype, fault }) => `${fault} (${dtype})`))].join(", ") || "none";
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
  engines: engines(read<EngineRun[]>("engines-tiny")),
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
