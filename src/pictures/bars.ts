/** Rows of numbers as bars. */
import { type Axis, PALETTE } from "./palette.ts";
import type { Picture } from "./picture.ts";
import { plot } from "./plot.ts";

const MANY = 120;

/** Bars one below the other panel, one panel a name, over the index of an axis; each panel has its own scale if `apart`. */
export function bars(
  panels: Readonly<Record<string, ArrayLike<number>>>,
  axis: Axis,
  alt: string,
  { apart = false, width = 560, height = 90 } = {},
): Promise<Picture> {
  const values = Object.fromEntries(Object.entries(panels).map(([name, row]) => [name, Array.from(row)]));
  const index = axis.toLowerCase();
  const all = Object.entries(values).flatMap(([name, row]) => row.map((value, i) => ({ name, i, value })));
  const most = Math.max(...all.map(({ i }) => i));
  const x = {
    field: "i",
    type: "quantitative",
    title: `${index} (${axis})`,
    scale: { domain: [-0.5, most + 0.5], nice: false },
  };
  const spec = {
    data: { values: all },
    facet: {
      row: { field: "name", type: "nominal", sort: Object.keys(panels), header: { labelAngle: 0, labelAlign: "left" } },
    },
    spacing: 12,
    resolve: { scale: { y: apart ? "independent" : "shared" } },
    spec: {
      width,
      height,
      // Many bars are one shape, or the picture would be long.
      mark:
        most < MANY
          ? { type: "bar", size: Math.max(1, (width / (most + 1)) * 0.8), color: PALETTE[axis] }
          : { type: "area", interpolate: "step", color: PALETTE[axis], line: { strokeWidth: 1, color: PALETTE[axis] } },
      encoding: {
        x: { ...x, axis: { grid: false, tickMinStep: 1 } },
        y: { field: "value", type: "quantitative", title: null, axis: { tickCount: 4 } },
      },
    },
  };
  return plot(spec, alt, values);
}
