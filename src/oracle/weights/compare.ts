/**
 * Two checkpoints' tensors: that each weight is there, in its shape, with its values, exactly or as its number format
 * rounds them; and where one is not, what happened to it.
 */
import { LAYER_WEIGHTS, MODEL_WEIGHTS } from "../../files/names.ts";
import type { Check, Checks } from "../checks.ts";
import { likeness } from "./likeness.ts";
import { granted, sameness, type Sameness } from "./sameness.ts";
import { openSide, type Place, type Side, type Weight } from "./side.ts";

/** What is compared, and who is told. */
export interface WeightsOptions {
  /** Told after each weight: so many of all are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called before each weight; what it throws ends the work. */
  readonly onWork?: (() => void) | undefined;
}

/**
 * Holds the weights of the checkpoint at `engine` against those of `model`, one check a weight, in the order of the page.
 *
 * throws   as `openSide`; what reading a weight throws
 */
export function compareWeights(engine: string, model: string, options: WeightsOptions = {}): Checks {
  const ours = openSide(model);
  try {
    const theirs = openSide(engine);
    try {
      return compareSides(ours, theirs, options);
    } finally {
      theirs.close();
    }
  } finally {
    ours.close();
  }
}

function compareSides(ours: Side, theirs: Side, { onProgress, onWork }: WeightsOptions): Checks {
  const places = placesOf(ours);
  const checks = places.map((place, i) => {
    onWork?.();
    const check = checkOf(place, ours, theirs);
    onProgress?.(i + 1, places.length);
    return check;
  });
  const all = [...checks, ...unexpected(places, ours, theirs)];
  return {
    schema: "oracle-checks/1",
    command: "weights",
    subject: theirs.path,
    checks: all,
    notes: [...tallied(checks), ...firstNote(all)],
  };
}

/** Every weight of the reference. A tied one's U is E. */
function placesOf({ config, parts }: Side): Place[] {
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    LAYER_WEIGHTS.map(({ ours }): Place => ({ ours, layer })),
  );
  const [first, ...last] = MODEL_WEIGHTS.map(({ ours }): Place => ({ ours, layer: undefined }));
  return [first!, ...layers.flat(), ...last].filter((place) => parts(place).length > 0);
}

function checkOf(place: Place, ours: Side, theirs: Side): Check {
  const [own, other] = [ours.weight(place)!, theirs.weight(place)];
  if (other === undefined) return missing(place, own, theirs);
  if (own.rows !== other.rows || own.columns !== other.columns) return misshapen(place, ours, own, other);
  const found = sameness(own, other);
  return known(own, other, found) ?? unlike(place, ours, own, other, found);
}

function missing({ ours }: Place, own: Weight, theirs: Side): Check {
  const tied = ours === "U";
  return {
    code: tied ? "weights-tied" : "weights-missing",
    outcome: "fail",
    where: own.name,
    expected: tied ? "an unembedding of its own" : "such a weight",
    actual: tied ? "none: the embedding would take its place" : `none among ${theirs.names.length} tensors`,
    next: own.name.endsWith("bias") ? "The biases of q, k and v are lost in conversion." : "Convert the model again.",
  };
}

function misshapen(place: Place, ours: Side, own: Weight, other: Weight): Check {
  const turned = likeness(place, ours, other, granted(own, other.format));
  const padded = own.columns === other.columns && (place.ours === "E" || place.ours === "U");
  return {
    code: turned?.code ?? "weights-shape",
    outcome: "fail",
    where: other.name,
    expected: shape(own),
    actual: turned === undefined ? shape(other) : `${shape(other)}: ${turned.words}`,
    next: padded ? "Rows without a token are part of the model: keep them." : undefined,
  };
}

function shape({ rows, columns }: Weight): string {
  return columns === 1 ? `[${rows}]` : `[${rows} ${columns}]`;
}

/** A pass, or a known way to round, if it is one. */
function known(own: Weight, other: Weight, found: Sameness): Check | undefined {
  const where = other.name;
  const pass = (actual: string): Check => ({ code: "weights-values", outcome: "pass", where, actual });
  if (found.notFinite !== undefined) {
    const { row, column, expected, actual } = found.notFinite;
    const both = { expected: `${expected}`, actual: `${actual} at row ${row}, column ${column}` };
    return { code: "weights-not-finite", outcome: "fail", where, ...both, next: "Convert without float16." };
  }
  if (found.differ === 0) return pass(`exact, ${other.format}`);
  const rounding = found.roundings[0];
  if (rounding !== undefined) {
    const both = { expected: `${own.format} rounded to nearest`, actual: rounding.name };
    if (rounding.name.includes("cut off")) return { code: "weights-truncated", outcome: "fail", where, ...both };
    if (rounding.name === other.format.toLowerCase()) return pass(`rounded to ${other.format}`);
    const next = "It went through a narrower format on its way.";
    return { code: "weights-rounded", outcome: "warn", where, expected: own.format, actual: both.actual, next };
  }
  if (["F32", "F16", "BF16"].includes(other.format) || found.r > granted(own, other.format)) return undefined;
  return pass(`as ${other.format} rounds, r ${found.r.toExponential(1)}`);
}

function unlike(place: Place, ours: Side, own: Weight, other: Weight, found: Sameness): Check {
  const how = likeness(place, ours, other, granted(own, other.format));
  const tied = place.ours === "U" && how?.code === "weights-swapped";
  const { row, column, expected, actual } = found.first!;
  return {
    code: tied ? "weights-tied" : (how?.code ?? "weights-values"),
    outcome: "fail",
    where: other.name,
    expected: how === undefined ? `${expected} at row ${row}, column ${column}` : own.name,
    actual:
      how === undefined
        ? `${actual}, and ${found.differ} values differ, r ${found.r.toExponential(1)} in ${other.format}`
        : how.words,
    next: tied ? "The head has weights of its own: convert lm_head." : undefined,
  };
}

/** Tensors of theirs that are no weight of the model. */
function unexpected(places: readonly Place[], ours: Side, theirs: Side): Check[] {
  const used = new Set(places.flatMap((place) => theirs.parts(place)));
  const head: Place = { ours: "U", layer: undefined };
  const copied = ours.config.tied && theirs.parts(head).length > 0;
  const rest = theirs.names.filter((name) => !used.has(name) && !(copied && theirs.parts(head).includes(name)));
  const copy = copied ? [headCopy(ours, theirs, head)] : [];
  return [
    ...copy,
    ...rest.map((where): Check => {
      const expected = "no tensor but the model's";
      return { code: "weights-unexpected", outcome: "fail", where, expected, actual: "one more", next: "Who uses it?" };
    }),
  ];
}

/** A tied model's unembedding, written out: it must be the embedding. */
function headCopy(ours: Side, theirs: Side, head: Place): Check {
  const [own, other] = [ours.weight({ ours: "E", layer: undefined })!, theirs.weight(head)!];
  const where = other.name;
  if (own.rows === other.rows && own.columns === other.columns) {
    const found = known(own, other, sameness(own, other));
    if (found !== undefined) return found;
  }
  const expected = `${own.name}, which the model ties to it`;
  return { code: "weights-tied", outcome: "fail", where, expected, actual: "other values" };
}

/** How many weights are the same in which way. */
function tallied(checks: readonly Check[]): string[] {
  const counts = new Map<string, number>();
  for (const { outcome, actual } of checks) {
    if (outcome !== "pass") continue;
    const way = actual!.replace(/, r .*$/, "");
    counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  return [`Of ${checks.length} weights: ${[...counts].map(([way, n]) => `${n} ${way}`).join("; ")}.`];
}

function firstNote(checks: readonly Check[]): string[] {
  const first = checks.find(({ outcome }) => outcome === "fail");
  return first === undefined ? [] : [`The first that differs: ${first.where}.`];
}
