/** One colour for each axis, the same in every picture; docs/axes.md shows them. */

/** The letters of docs/axes.md. */
export type Axis = "T" | "S" | "C" | "H" | "K" | "D" | "F" | "V" | "l";

/** Colours that differ in lightness too, for those who see few hues; each legible on white. */
export const PALETTE: Readonly<Record<Axis, string>> = {
  T: "#2f6db5",
  S: "#2a9d8f",
  C: "#c96a0c",
  H: "#3f8f3a",
  K: "#b8860b",
  D: "#8e5aa8",
  F: "#d1495b",
  V: "#8c5a3c",
  l: "#5f6b76",
};

/** Text and lines that belong to no axis, and what is wrong or out of bounds. */
export const INK = "#24292f";
export const FAINT = "#8b949e";
export const RULE = "#d0d7de";
export const WRONG = "#b42318";

/** A tone of an axis for neighbours that must differ: the colour mixed with white, `share` of it left. */
export function tone(axis: Axis, share: number): string {
  const colour = Number.parseInt(PALETTE[axis].slice(1), 16);
  const mixed = [16, 8, 0].map((shift) => Math.round(255 - (255 - ((colour >> shift) & 255)) * share));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
