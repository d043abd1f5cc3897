/**
 * What the page of a report draws: z of every tap at every position, in few enough columns to be seen.
 */
import { boundsFor, levelOf, stateIn } from "../measure.ts";
import type { Report, TapResult } from "../report.ts";
import { inherited, layerOf, shortName } from "./words.ts";

/** Columns of the heat map; a column of a longer prompt is several positions, and shows the worst. */
const MOST_COLUMNS = 128;

export interface PageTap {
  readonly name: string;
  /** The row of the map: "embed", "0", "norm". */
  readonly place: string;
  readonly short: string;
  readonly z: number | null;
  readonly r: number | null;
  readonly noise: number | null;
  /** From how many noises on it fails; and how far it is beyond its bounds, where those judge it. */
  readonly kappa: number;
  readonly excess: number | null;
  readonly row: number;
  readonly state: "first" | "inherited" | "fail" | "warn" | "pass";
  /** z by column, on the report's scale of noises; null where there is none. */
  readonly cells: readonly (number | null)[];
  readonly ulps: readonly number[] | null;
  readonly values: readonly (readonly [row: number, column: number, expected: number | null, actual: number | null])[];
}

export interface PageData {
  readonly places: readonly string[];
  /** First and last position of each column. */
  readonly columns: readonly (readonly [number, number])[];
  readonly taps: readonly PageTap[];
  readonly first: string | null;
  readonly warn: number;
  readonly fail: number;
}

export function pageData(report: Report): PageData {
  const rows = [...new Set(report.taps.flatMap((tap) => tap.rows.map(({ row }) => row)))].sort((a, b) => a - b);
  const group = Math.max(1, Math.ceil(rows.length / MOST_COLUMNS));
  const columns = Array.from({ length: Math.ceil(rows.length / group) }, (_, i) =>
    rows.slice(i * group, (i + 1) * group),
  );
  const columnOf = new Map(columns.flatMap((part, i) => part.map((row) => [row, i] as const)));
  const taps = report.taps.map((tap) => pageTap(report, tap, columnOf, columns.length));
  return {
    places: [...new Set(taps.map(({ place }) => place))],
    columns: columns.map((part) => [part[0]!, part.at(-1)!] as const),
    taps,
    first: report.first?.tap ?? null,
    warn: report.warnAbove,
    fail: report.failAbove,
  };
}

function pageTap(report: Report, tap: TapResult, columnOf: ReadonlyMap<number, number>, columns: number): PageTap {
  const cells = new Array<number | null>(columns).fill(null);
  for (const row of tap.rows) {
    const column = columnOf.get(row.row)!;
    cells[column] = Math.max(cells[column] ?? 0, short(levelOf({ ...row, measure: tap.measure }, report)));
  }
  return {
    name: tap.tap,
    place: layerOf(tap.tap)?.toString() ?? tap.tap,
    short: shortName(tap.tap),
    z: shortOrNone(tap.z),
    r: shortOrNone(tap.r),
    noise: shortOrNone(tap.noise),
    kappa: boundsFor(tap, report).failAbove,
    excess: tap.excess === undefined ? null : short(tap.excess),
    row: tap.row,
    state: stateOf(report, tap),
    cells,
    ulps: tap.ulps ?? null,
    values: (tap.values ?? [])
      .slice(0, 16)
      .map(({ row, column, expected, actual }) => [row, column, known(expected), known(actual)]),
  };
}

function stateOf(report: Report, tap: TapResult): PageTap["state"] {
  if (tap.tap === report.first?.tap) return "first";
  if (inherited(report, tap)) return "inherited";
  return stateIn(tap, report);
}

/** Three figures; JSON has no infinity. */
function short(x: number): number {
  return Number.isFinite(x) ? Number(x.toPrecision(3)) : Number.MAX_VALUE;
}

/** Of what is not known there is nothing to show. */
function shortOrNone(x: number): number | null {
  return Number.isNaN(x) ? null : short(x);
}

function known(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
