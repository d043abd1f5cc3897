/** Bars made of parts: how a whole is divided, row by row. */
import { type Axis, FAINT, INK, PALETTE, RULE, WRONG } from "./palette.ts";
import type { Picture } from "./picture.ts";
import { plot } from "./plot.ts";

/** What a part's colour is: that of an axis, or one that belongs to none. */
export type PartColour = Axis | "ink" | "faint" | "rule" | "wrong";

/** How bars of parts are drawn. */
export interface StacksOptions {
  /** What is counted. */
  readonly x: string;
  /** A bound that bars keep within or not. */
  readonly bound?: { readonly at: number; readonly text: string };
  readonly width?: number;
}

/** One bar a row, of its parts side by side in the order of `colours`; a row need not have all of them. */
export function stacks(
  rows: Readonly<Record<string, Readonly<Record<string, number>>>>,
  colours: Readonly<Record<string, PartColour>>,
  alt: string,
  { x, bound, width = 480 }: StacksOptions,
): Promise<Picture> {
  const parts = Object.keys(colours);
  const named = Object.entries(rows);
  const all = named.flatMap(([row, of]) => parts.map((part, i) => ({ row, part, i, value: of[part] ?? 0 })));
  const spec = {
    width,
    height: 34 * named.length,
    layer: [
      bars(
        all,
        named.map(([row]) => row),
        parts,
        colours,
        x,
      ),
      ...(bound === undefined ? [] : boundary(bound)),
    ],
  };
  const values = named.map(([row, of]) => [row, parts.map((part) => of[part] ?? 0)] as const);
  return plot(spec, alt, Object.fromEntries(values));
}

function bars(
  values: readonly object[],
  rows: readonly string[],
  parts: readonly string[],
  colours: Readonly<Record<string, PartColour>>,
  title: string,
) {
  return {
    data: { values },
    mark: { type: "bar", height: 22 },
    encoding: {
      y: { field: "row", type: "nominal", sort: rows, title: null, axis: { labelLimit: 300, ticks: false } },
      x: { field: "value", type: "quantitative", aggregate: "sum", title },
      order: { field: "i" },
      color: {
        field: "part",
        type: "nominal",
        title: null,
        scale: { domain: parts, range: parts.map((part) => colourOf(colours[part]!)) },
        legend: parts.length > 1 ? { orient: "bottom", columns: 5 } : null,
      },
    },
  };
}

function boundary({ at, text }: { readonly at: number; readonly text: string }) {
  const [data, x] = [{ values: [{ at, text }] }, { field: "at", type: "quantitative" }];
  return [
    { data, mark: { type: "rule", color: INK, strokeWidth: 2, strokeDash: [5, 3] }, encoding: { x } },
    {
      data,
      mark: { type: "text", color: INK, fontSize: 12, baseline: "bottom", y: -3 },
      encoding: { x, text: { field: "text" } },
    },
  ];
}

function colourOf(of: PartColour): string {
  if (of === "ink") return INK;
  if (of === "faint") return FAINT;
  if (of === "rule") return RULE;
  return of === "wrong" ? WRONG : PALETTE[of];
}
