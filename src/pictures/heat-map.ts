/** Tables of numbers as colours. */
import { type Axis, RULE, tone, WRONG } from "./palette.ts";
import { Picture } from "./picture.ts";
import { label, rect, sheet, visible } from "./svg.ts";

/** How a table is drawn. */
export interface HeatMapOptions {
  /** The names of rows and columns; their numbers unless told. */
  readonly rows?: readonly string[];
  readonly columns?: readonly string[];
  /** The colour of large values: that of the axis that a row's numbers run over. */
  readonly axis: Axis;
  /** The smallest and the largest value of the scale; as far below 0 as above, unless told. */
  readonly domain?: readonly [number, number];
  /** Whether each value is written into its cell, with so many decimals. */
  readonly decimals?: number;
  /** The side of a cell. */
  readonly side?: number;
  /** Marks cells that hold no number of their own: those that a mask hides. */
  readonly hidden?: (row: number, column: number) => boolean;
  readonly title?: string;
}

const GLYPH = 7.2;

/** A table as coloured cells. Negative values are red, whatever the axis. */
export function heatMap(table: readonly ArrayLike<number>[], alt: string, options: HeatMapOptions): Picture {
  const { decimals, side = decimals === undefined ? 22 : 44, title = "" } = options;
  const rows = (options.rows ?? table.map((_, i) => String(i))).map(visible);
  const columns = (options.columns ?? Array.from(table[0]!, (_, i) => String(i))).map(visible);
  const upright = columns.every((name) => name.length * GLYPH <= side);
  const names = upright ? 18 : GLYPH * Math.max(...columns.map((name) => name.length)) + 4;
  const height = decimals === undefined ? side : 26;
  const left = 14 + GLYPH * Math.max(...rows.map((row) => row.length));
  const place = { left, top: (title === "" ? 10 : 32) + names, side, height };
  const drawn = sheet(
    Math.max(left + side * columns.length + 12, 20 + GLYPH * title.length),
    place.top + height * rows.length + 10,
    ...(title === "" ? [] : [label(10, 16, title, { "text-anchor": "start" })]),
    ...cells(table, place, options),
    ...rowNames(rows, place),
    ...columnNames(columns, place, upright),
  );
  const values = Object.fromEntries(table.map((row, i) => [`${i} ${rows[i]}`, Array.from(row)]));
  return new Picture(drawn, alt, values);
}

/** Where the cells stand. */
interface Place {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  readonly height: number;
}

function cells(
  table: readonly ArrayLike<number>[],
  { left, top, side, height }: Place,
  options: HeatMapOptions,
): string[] {
  const { axis, decimals, hidden = () => false } = options;
  const [low, high] = options.domain ?? range(table);
  return table.flatMap((row, i) =>
    Array.from(row, (value, j) => {
      const [x, y] = [left + j * side, top + i * height];
      if (hidden(i, j)) return rect(x, y, side, height, { fill: "#f6f8fa", stroke: RULE });
      const share = value < 0 ? value / Math.min(low, -1e-30) : value / Math.max(high, 1e-30);
      const fill = value < 0 ? mixed(WRONG, share) : tone(axis, Math.min(1, share));
      const box = rect(x, y, side, height, { fill, stroke: RULE });
      if (decimals === undefined) return box;
      const ink = share > 0.55 ? { fill: "white" } : {};
      return box + label(x + side / 2, y + height / 2, value.toFixed(decimals), { "font-size": 11, ...ink });
    }),
  );
}

const NAMES = { "font-family": "monospace", "font-size": 12 };

const rowNames = (rows: readonly string[], { left, top, height }: Place) =>
  rows.map((name, i) => label(left - 6, top + (i + 0.5) * height, name, { ...NAMES, "text-anchor": "end" }));

const columnNames = (columns: readonly string[], { left, top, side }: Place, upright: boolean) =>
  columns.map((name, j) => {
    const [x, y] = [left + (j + 0.5) * side, top - 8];
    if (upright) return label(x, y, name, NAMES);
    return label(x, y, name, { ...NAMES, "text-anchor": "start", transform: `rotate(-90 ${x} ${y})` });
  });

function range(table: readonly ArrayLike<number>[]): readonly [number, number] {
  const most = Math.max(...table.map((row) => Math.max(...Array.from(row, Math.abs))));
  return [-most, most];
}

function mixed(colour: string, share: number): string {
  const whole = Number.parseInt(colour.slice(1), 16);
  const parts = [16, 8, 0].map((shift) => Math.round(255 - (255 - ((whole >> shift) & 255)) * Math.min(1, share)));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Attention weights of one head as a heat map: a row a query, a column a key, keys after the query hidden. Refuses what are no
 * attention weights: a row that does not add up to 1, or a token that looks ahead.
 */
export function attentionMap(
  weights: readonly ArrayLike<number>[],
  tokens: readonly string[],
  alt: string,
  title?: string,
): Picture {
  const T = weights.length;
  weights.forEach((row, t) => {
    const seen = row.length - T + t + 1;
    const total = Array.from(row).reduce((sum, p) => sum + p, 0);
    // What float32 weights may be off by after a softmax over so many keys.
    if (Math.abs(total - 1) > row.length * 2 ** -22)
      throw new RangeError(`row ${t} of the weights adds up to ${total}, not to 1`);
    if (
      Array.from(row)
        .slice(seen)
        .some((p) => p !== 0)
    )
      throw new RangeError(`token ${t} looks ahead`);
  });
  const keys = tokens.slice(0, weights[0]!.length);
  const shown = { rows: tokens.slice(-T), columns: keys, axis: "S", domain: [0, 1], side: 20 } as const;
  const hidden = (t: number, s: number) => s > keys.length - T + t;
  return heatMap(weights, alt, { ...shown, hidden, ...(title === undefined ? {} : { title }) });
}
