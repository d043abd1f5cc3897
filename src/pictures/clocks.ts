/** Rotary position as clocks: each pair of channels is a hand that turns as the token's place grows. */
import { FAINT, PALETTE, RULE, tone } from "./palette.ts";
import { Picture } from "./picture.ts";
import { element, label, line, sheet } from "./svg.ts";

const RADIUS = 24;
const STEP = 66;
const GLYPH = 7;
const TOP = 56;

/**
 * A row of clocks for each place, a column for each pair; `pair` says which two channels column d turns: (d, d + D/2) in
 * halves, (2d, 2d + 1) as neighbours.
 */
export function clocks(
  frequencies: ArrayLike<number>,
  places: readonly number[],
  pair: (d: number, D: number) => readonly [number, number],
  title: string,
): Picture {
  const f = Array.from(frequencies);
  const D = 2 * f.length;
  const names = places.map((p) => `p = ${p}`);
  const left = Math.max(62, 20 + GLYPH * Math.max(...names.map((name) => name.length)));
  const heads = f.map((_, d) => {
    const [first, second] = pair(d, D);
    return label(left + (d + 0.5) * STEP, TOP - 10, `${first}, ${second}`, { fill: PALETTE.D, "font-size": 12 });
  });
  const rows = places.map((p, row) => {
    const y = TOP + (row + 0.5) * STEP;
    const hands = f.map((frequency, d) => hand(left + (d + 0.5) * STEP, y, p * frequency));
    return label(left - 12, y, names[row]!, { "text-anchor": "end", fill: PALETTE.T }) + hands.join("");
  });
  const drawn = [label(10, 16, title, { "text-anchor": "start" }), ...heads, ...rows];
  const angles = Object.fromEntries(places.map((p, row) => [names[row]!, f.map((frequency) => p * frequency)]));
  const pairs = f.map((_, d) => pair(d, D).join(" and "));
  const alt = `${title}: clocks of the pairs ${pairs.join(", ")} at places ${places.join(", ")}; the first turns fastest`;
  const width = Math.max(left + f.length * STEP + 10, 20 + title.length * GLYPH);
  return new Picture(sheet(width, TOP + places.length * STEP + 6, ...drawn), alt, angles);
}

/** A circle with the sector from where the hand stood at place 0. */
function hand(x: number, y: number, angle: number): string {
  const end = (a: number) => [x + RADIUS * Math.cos(a), y - RADIUS * Math.sin(a)] as const;
  const turn = angle % (2 * Math.PI);
  const [ex, ey] = end(turn);
  const sector = `M${x} ${y} L${x + RADIUS} ${y} A${RADIUS} ${RADIUS} 0 ${turn > Math.PI ? 1 : 0} 0 ${ex} ${ey} Z`;
  return [
    element("circle", { cx: x, cy: y, r: RADIUS, fill: "white", stroke: RULE }),
    ...(turn > 0.001 ? [element("path", { d: sector, fill: tone("D", 0.25) })] : []),
    line(x, y, x + RADIUS, y, { stroke: FAINT, "stroke-dasharray": "2 2" }),
    line(x, y, ex, ey, { stroke: PALETTE.D, "stroke-width": 2.5, "stroke-linecap": "round" }),
  ].join("");
}
