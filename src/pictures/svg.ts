/** Drawing by hand: what no plotting library has a mark for. */
import { INK } from "./palette.ts";

type Attributes = Readonly<Record<string, string | number>>;

/** One element; names as SVG has them. */
export function element(name: string, attributes: Attributes, ...inside: readonly string[]): string {
  const all = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return inside.length === 0 ? `<${name}${all.join("")}/>` : `<${name}${all.join("")}>${inside.join("")}</${name}>`;
}

/** Text, centred on x and y unless told. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  const usual = { x, y, fill: INK, "text-anchor": "middle", "dominant-baseline": "central", ...attributes };
  return element("text", usual, escaped(text));
}

export const rect = (x: number, y: number, width: number, height: number, attributes: Attributes = {}): string =>
  element("rect", { x, y, width, height, ...attributes });

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string =>
  element("line", { x1, y1, x2, y2, ...attributes });

/** A white sheet with what is drawn on it. */
export function sheet(width: number, height: number, ...drawn: readonly string[]): string {
  const frame = { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` };
  const font = { "font-family": "sans-serif", "font-size": 13 };
  return element("svg", { ...frame, ...font }, rect(0, 0, width, height, { fill: "white" }), ...drawn);
}

/** Signs that XML keeps for itself; spaces and line ends become signs that can be seen. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** White space made visible, as in pictures of tokens. */
export const visible = (text: string): string => text.replaceAll(" ", "·").replaceAll("\n", "↵").replaceAll("\t", "→");
