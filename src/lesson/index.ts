/**
 * What the notebooks import beside the library: pictures, Hugging Face's recorded values, claims and exercises, and the
 * parts of the library that a notebook looks into though nobody calls them by themselves.
 *
 * @module
 */
export * from "../pictures/index.ts";
export { bundleOf } from "./bundles.ts";
export { equal, type Near, ulpOf } from "./equal.ts";
export { type Golden, golden, goldenJson, goldenPath, measured } from "./golden.ts";
export { judge } from "./judge.ts";
export { mystery } from "./mystery.ts";
export { show, times } from "./show.ts";
export { type Table, table } from "./table.ts";

export { CHART_ROWS, WRONG } from "../eval/scores.ts";
export { cacheBytes } from "../library/budget.ts";
export { parameters, places, storedForms } from "../library/storage.ts";
export { LAYER_WEIGHTS, layerName } from "../files/names.ts";
export { FORMATS } from "../quant/index.ts";
export { narrowInt8 } from "../quant/int8.ts";
export { NARROWS } from "../quant/narrow.ts";
export { ALPHABET, bytesOf } from "../text/bytes.ts";
export { type Merge, Merges } from "../text/merge.ts";
export { nfc } from "../text/nfc.ts";
export { split } from "../text/split.ts";
export { trainBpe } from "../training/bpe.ts";
export { clippedObjective } from "../training/policy.ts";
export { advantages } from "../training/stages/grpo.ts";
export type { Problem } from "../training/tasks/problem.ts";
export { distinct } from "../training/tasks/problems.ts";
export { checkAnswer } from "../verify/answer.ts";
