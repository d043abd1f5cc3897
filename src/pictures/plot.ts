/** Plots, by vega-lite. */
import type { TopLevelSpec } from "vega-lite";
import { QwqError } from "../errors.ts";
import { FAINT, INK, RULE } from "./palette.ts";
import { Picture } from "./picture.ts";

const CONFIG = {
  aria: false,
  font: "sans-serif",
  view: { stroke: null },
  axis: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelColor: INK,
    titleColor: INK,
    gridColor: RULE,
    domainColor: FAINT,
    tickColor: FAINT,
  },
  legend: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 300 },
  title: { fontSize: 13, fontWeight: "normal", anchor: "start", color: INK },
  header: { labelFontSize: 12, title: null },
} as const;

/** A vega-lite specification as a picture; its colours and `alt` are its author's. Throws QwqError E_VEGA_MISSING. */
export async function plot(
  spec: object,
  alt: string,
  values: Readonly<Record<string, readonly number[]>>,
): Promise<Picture> {
  const { vega, lite } = await libraries();
  const { spec: compiled } = lite.compile({
    background: "white",
    padding: 8,
    config: CONFIG,
    ...spec,
  } as unknown as TopLevelSpec);
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return new Picture(
    svg.replace(/ (class|xmlns:xlink|version|role|aria-[a-z]+|pointer-events)="[^"]*"/g, ""),
    alt,
    values,
  );
}

async function libraries() {
  try {
    return { vega: await import("vega"), lite: await import("vega-lite") };
  } catch (cause) {
    throw new QwqError("E_VEGA_MISSING", "plots", {
      expected: "the packages vega and vega-lite",
      hint: "Run: npm install vega@6 vega-lite@6.4.3.",
      cause,
    });
  }
}
