/** Heads as ribbons: each query head flows into the key/value head that it reads. */
import { PALETTE, tone } from "./palette.ts";
import { Picture } from "./picture.ts";
import { element, label, rect, sheet } from "./svg.ts";

const WIDTH = 720;
const HEIGHT = 210;
const [TOP, BOTTOM, THICK] = [64, 150, 20];

/** H query heads above, K key/value heads below, and which reads which. */
export function ribbons(H: number, K: number, keyOf: (h: number) => number, title: string): Picture {
  const [left, right] = [12, WIDTH - 12];
  const span = right - left;
  const read = Array.from({ length: H }, (_, h) => keyOf(h));
  const taken = Array.from({ length: K }, () => 0);
  const share = read.map((k) => read.filter((other) => other === k).length);
  const drawn = read.flatMap((k, h) => {
    const [x0, x1] = [left + (span * h) / H + 1, left + (span * (h + 1)) / H - 1];
    const wide = span / K - 4;
    const part = wide / share[h]!;
    const y0 = left + (span * k) / K + 2 + part * taken[k]!++;
    const middle = (TOP + THICK + BOTTOM) / 2;
    const path =
      `M${x0} ${TOP + THICK} C${x0} ${middle} ${y0} ${middle} ${y0} ${BOTTOM} ` +
      `L${y0 + part} ${BOTTOM} C${y0 + part} ${middle} ${x1} ${middle} ${x1} ${TOP + THICK} Z`;
    return [
      element("path", { d: path, fill: tone("H", k % 2 === 0 ? 0.45 : 0.25) }),
      rect(x0, TOP, x1 - x0, THICK, { fill: PALETTE.H, rx: 2 }),
      ...(H <= 48 ? [label((x0 + x1) / 2, TOP + THICK / 2, String(h), { fill: "white", "font-size": 10 })] : []),
    ];
  });
  const keys = Array.from({ length: K }, (_, k) => {
    const [x, wide] = [left + (span * k) / K + 2, span / K - 4];
    return (
      rect(x, BOTTOM, wide, THICK, { fill: PALETTE.K, rx: 2 }) +
      label(x + wide / 2, BOTTOM + THICK / 2, String(k), { fill: "white", "font-size": 12 })
    );
  });
  const words = [
    label(left, 18, title, { "text-anchor": "start" }),
    label(left, TOP - 14, `${H} query heads`, { "text-anchor": "start", fill: PALETTE.H, "font-size": 12 }),
    label(left, BOTTOM + THICK + 16, `${K} key/value heads`, {
      "text-anchor": "start",
      fill: PALETTE.K,
      "font-size": 12,
    }),
  ];
  const alt = `${title}: ${H} query heads, of which ${share[0]} read each of the ${K} key/value heads`;
  return new Picture(sheet(WIDTH, HEIGHT, ...drawn, ...keys, ...words), alt, { read });
}
