/** The pictures of the notebooks; each is a function of the numbers that it shows. */
export { bars } from "./bars.ts";
export { clocks } from "./clocks.ts";
export { type Grid, grids } from "./grid.ts";
export { attentionMap, heatMap, type HeatMapOptions } from "./heat-map.ts";
export { type Curve, lines, type LinesOptions } from "./lines.ts";
export { type Axis, PALETTE, tone } from "./palette.ts";
export { Picture } from "./picture.ts";
export { plot } from "./plot.ts";
export { ribbons } from "./ribbons.ts";
export { type PartColour, stacks, type StacksOptions } from "./stacks.ts";
export { mergeTree, tokenStrip } from "./tokens.ts";
