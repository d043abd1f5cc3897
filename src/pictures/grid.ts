/** Numbers beside the grid that they are rounded to. */
import { type Axis, FAINT, PALETTE, RULE, WRONG } from "./palette.ts";
import { Picture } from "./picture.ts";
import { element, label, line, sheet } from "./svg.ts";

/** The numbers q step, for whole q from `least` to `most`, and what is rounded to them. */
export interface Grid {
  readonly values: ArrayLike<number>;
  readonly step: number;
  readonly least: number;
  readonly most: number;
}

const [LEFT, WIDTH, PANEL] = [16, 640, 104];
/** Ticks closer than this would be a grey bar, and words closer would touch. */
const [APART, LEGIBLE] = [2, 26];

/**
 * Panels one below the other, over one scale: above each line the values, on it the level that each goes to. A value beyond
 * the grid goes to its end, by a red line.
 */
export function grids(panels: Readonly<Record<string, Grid>>, axis: Axis, alt: string): Picture {
  const all = Object.values(panels).flatMap(({ values, step, least, most }) => [
    ...Array.from(values),
    least * step,
    most * step,
  ]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const place = (value: number) => LEFT + ((value - low) / (high - low)) * (WIDTH - 2 * LEFT);
  const drawn = Object.entries(panels).map(([name, grid], i) => panel(name, grid, axis, i * PANEL, place));
  const values = Object.fromEntries(
    Object.entries(panels).flatMap(([name, grid]) => [
      [name, Array.from(grid.values)],
      [`${name}, rounded`, Array.from(grid.values, (value) => levelOf(value, grid) * grid.step)],
    ]),
  );
  return new Picture(sheet(WIDTH, drawn.length * PANEL + 6, ...drawn.flat()), alt, values);
}

/** The level nearest to a value, of those that there are. */
const levelOf = (value: number, { step, least, most }: Grid) =>
  Math.max(least, Math.min(most, Math.round(value / step)));

function panel(name: string, grid: Grid, axis: Axis, top: number, place: (value: number) => number): string[] {
  const { values, step, least, most } = grid;
  const [above, on] = [top + 42, top + 76];
  const levels = Array.from({ length: most - least + 1 }, (_, i) => least + i);
  const gap = place(step) - place(0);
  const every = Math.ceil(APART / gap);
  const named = Math.ceil(LEGIBLE / gap);
  const ticks = levels.filter((q) => q % every === 0).map((q) => tick(place(q * step), on));
  const words = levels
    .filter((q) => q % named === 0)
    .map((q) => label(place(q * step), on + 17, String(q), { "font-size": 11, fill: FAINT }));
  const moves = Array.from(values, (value) => {
    const outside = Math.abs(value / step - levelOf(value, grid)) > 0.5;
    const [from, to] = [place(value), place(levelOf(value, grid) * step)];
    return (
      line(from, above, to, on, { stroke: outside ? WRONG : PALETTE[axis], "stroke-opacity": 0.5 }) +
      element("circle", { cx: from, cy: above, r: 3, fill: PALETTE[axis], "fill-opacity": 0.7 }) +
      element("circle", { cx: to, cy: on, r: 2.5, fill: outside ? WRONG : PALETTE[axis] })
    );
  });
  const rule = line(place(least * step), on, place(most * step), on, { stroke: FAINT });
  return [label(LEFT, top + 20, name, { "text-anchor": "start" }), rule, ...ticks, ...words, ...moves];
}

const tick = (x: number, y: number) => line(x, y - 7, x, y + 7, { stroke: RULE });
