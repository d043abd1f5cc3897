/**
 * Which taps of a model to record: a tier, some layers, some names.
 */
import { UsageError } from "../errors.ts";
import { range } from "./numbers/rows.ts";
import { LAYER_TAPS, MODEL_TAPS, tapNames } from "./taps.ts";

/** How much is kept: every tap whole, the residual stream and what surrounds it, or 48 sums of every row. */
export const TIERS = ["full", "resid", "sketch"] as const;
export type Tier = (typeof TIERS)[number];

/** The taps of the tier "resid": what each layer hands to the next, and what comes before and after. */
const RESIDUAL: readonly string[] = ["embed", "out", "norm", "logits"];

export interface Selection {
  readonly tier: Tier;
  /** Layers as "0,31,63" or "0-3"; all unless told. The taps around the layers belong to none of them. */
  readonly layers?: string | undefined;
  /** Taps as "qr,kr" (of every chosen layer), "0.qr" or "logits"; all of the tier unless told. */
  readonly taps?: string | undefined;
}

/**
 * The names of the chosen taps of a model with so many layers, in the order in which they are computed.
 *
 * throws   UsageError E_ARG_LAYERS, E_ARG_TAPS for what no tap of the model is, or where nothing is left
 */
export function selectTaps({ tier, layers, taps }: Selection, count: number): string[] {
  const chosen = layers === undefined ? undefined : chosenLayers(layers, count);
  const wanted = taps === undefined ? undefined : readTaps(taps, count);
  const names = tapNames(count).filter((name) => {
    const { layer, short } = parts(name);
    if (tier === "resid" && !RESIDUAL.includes(short)) return false;
    if (layer !== undefined && chosen !== undefined && !chosen.has(layer)) return false;
    return wanted === undefined || wanted.has(name) || wanted.has(short);
  });
  if (names.length > 0) return names;
  throw usage("E_ARG_TAPS", "--taps", "a tap of the tier and the layers that are chosen", taps ?? "none");
}

/** The two parts of a tap's name; `embed`, `norm` and `logits` have no layer. */
function parts(name: string): { layer: number | undefined; short: string } {
  const dot = name.indexOf(".");
  return { layer: dot < 0 ? undefined : Number(name.slice(0, dot)), short: name.slice(dot + 1) };
}

/** The layers of a list such as "0,31" or "0-3". Throws UsageError E_ARG_LAYERS. */
export function chosenLayers(list: string, count: number): Set<number> {
  const expected = `layers from 0 to ${count - 1}, such as 0,2 or 0-2`;
  return numbersOf(list, count, (item) => usage("E_ARG_LAYERS", "--layers", expected, item));
}

/** The numbers below `count` of a list such as "0,31" or "0-3". */
function numbersOf(list: string, count: number, wrong: (item: string) => UsageError): Set<number> {
  const numbers = new Set<number>();
  for (const item of list.split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(item.trim());
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match === null || first > last || last >= count) throw wrong(item);
    for (let n = first; n <= last; n++) numbers.add(n);
  }
  return numbers;
}

/**
 * Which positions of a prompt of `count` tokens are judged: "all", "last", "skip-first" (where the first row is a sink of
 * attention and unlike the others), or a list such as "0,4-7". Throws UsageError E_ARG_ROWS.
 */
export function chosenRows(list: string, count: number): ReadonlySet<number> {
  if (list === "all") return new Set(range(count));
  if (list === "last") return new Set([count - 1]);
  if (list === "skip-first") return new Set(range(count).slice(1));
  const expected = `all, last, skip-first, or positions from 0 to ${count - 1}, such as 0,4-7`;
  return numbersOf(list, count, (item) => usage("E_ARG_ROWS", "--rows", expected, item));
}

function readTaps(list: string, count: number): Set<string> {
  const known = new Set([...Object.keys(LAYER_TAPS), ...tapNames(count)]);
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return new Set(names);
  const all = [...Object.keys(LAYER_TAPS), ...Object.keys(MODEL_TAPS)].join(" ");
  throw usage("E_ARG_TAPS", "--taps", `taps such as 0.qr, of ${all}`, unknown);
}

function usage(code: string, where: string, expected: string, actual: string): UsageError {
  return new UsageError(code, where, {
    expected,
    actual: `"${actual}"`,
    hint: "qwq oracle record --help has examples.",
  });
}
