/** Curves. */
import { type Axis, FAINT, INK, PALETTE, tone, WRONG } from "./palette.ts";
import type { Picture } from "./picture.ts";
import { plot } from "./plot.ts";

/** A curve: its points, and how it is drawn. */
export interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** The axis whose colour it has, that of what it is about; "ink", "faint" and "wrong" are no axis. */
  readonly of: Axis | "ink" | "faint" | "wrong";
  /** Lighter for curves beside others of the same axis: 1 unless told. */
  readonly share?: number;
}

/** How curves are drawn together. */
export interface LinesOptions {
  readonly x: string;
  readonly y: string;
  /** Whether a scale is logarithmic. */
  readonly log?: "x" | "y" | "both";
  readonly width?: number;
  readonly height?: number;
  readonly points?: boolean;
  readonly yDomain?: readonly [number, number];
}

/** Named curves over one pair of axes. */
export function lines(curves: Readonly<Record<string, Curve>>, alt: string, options: LinesOptions): Promise<Picture> {
  const { width = 520, height = 240, log, points = false } = options;
  const names = Object.keys(curves);
  const logarithmic = (which: "x" | "y") => log === which || log === "both";
  const scale = (which: "x" | "y") => ({
    nice: which === "y",
    ...(logarithmic(which) ? { type: "log" } : { zero: false }),
    ...(which === "y" && options.yDomain !== undefined ? { domain: options.yDomain } : {}),
  });
  // Small numbers would all be written as 0.
  const digits = (which: "x" | "y") => (logarithmic(which) ? { format: "~g", tickCount: 6 } : {});
  const axis = (which: "x" | "y") => ({
    field: which,
    type: "quantitative",
    title: options[which],
    scale: scale(which),
  });
  const many = names.length > 1;
  const spec = {
    width,
    height,
    data: { values: names.flatMap((name) => pointsOf(name, curves[name]!)) },
    mark: { type: "line", strokeWidth: 2, point: points ? { size: 30 } : false },
    encoding: {
      x: { ...axis("x"), axis: { grid: false, ...digits("x") } },
      y: { ...axis("y"), axis: digits("y") },
      color: {
        field: "name",
        type: "nominal",
        sort: null,
        title: null,
        scale: { domain: names, range: names.map((name) => colourOf(curves[name]!)) },
        legend: many ? { orient: "bottom", columns: 3 } : null,
      },
    },
  };
  const values = Object.fromEntries(names.map((name) => [name, Array.from(curves[name]!.y)]));
  return plot(spec, alt, values);
}

const pointsOf = (name: string, { x, y }: Curve) => Array.from(x, (value, i) => ({ name, x: value, y: y[i]! }));

function colourOf({ of, share = 1 }: Curve): string {
  if (of === "ink") return INK;
  if (of === "faint") return FAINT;
  return of === "wrong" ? WRONG : share === 1 ? PALETTE[of] : tone(of, share);
}
