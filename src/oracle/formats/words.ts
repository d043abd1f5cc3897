/**
 * What every printed form of a report says in words: numbers, the headline, the next command.
 */
import { type Bounds, boundsOf, levelOf, type Measure, stateIn } from "../measure.ts";
import type { First, Report, TapResult } from "../report.ts";

/** Where the things lie that the report is about; "CANDIDATE", "MODEL" in the commands where that is not known. */
export interface Context {
  readonly reference?: string | undefined;
  readonly candidate?: string | undefined;
  readonly model?: string | undefined;
}

/** A ratio in three figures: "0.93", "249", "1.2e5". */
export function figure(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "infinite" : "-infinite";
  const size = Math.abs(x);
  if (size >= 1e4) return x.toExponential(1).replace("e+", "e");
  if (size >= 100) return x.toFixed(0);
  if (size >= 10) return x.toFixed(1);
  return x.toFixed(2);
}

/** A relative error: "8.7e-1". */
export function error(r: number): string {
  return Number.isFinite(r) ? r.toExponential(1).replace("e+", "e") : figure(r);
}

/** A value as it is shown beside another: eight figures, as many as float32 has. */
export function value(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(8))) : String(x);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** The layer of a tap; `undefined` for embed, norm and logits. */
export function layerOf(tap: string): number | undefined {
  const [, layer] = /^(\d+)\./.exec(tap) ?? [];
  return layer === undefined ? undefined : Number(layer);
}

/** The tap's name without its layer: "kr". */
export function shortName(tap: string): string {
  return tap.slice(tap.indexOf(".") + 1);
}

/** The verdict and what is at fault, in one line. */
export function headline(report: Report): string {
  const { verdict, first, notFinite, incomparable } = report;
  if (incomparable !== undefined) return `INCOMPARABLE  ${incomparable}`;
  if (notFinite !== undefined) {
    const { tap, row, column, value } = notFinite;
    return `NOT FINITE  ${tap} has ${value} at position ${row}, column ${column}`;
  }
  if (first !== null) return `${verdict.toUpperCase()}  ${place(first)}${inputsText(first)}`;
  const worst = worstOf(report.taps, report);
  const rest = worst === undefined ? "nothing was compared" : `worst ${worst.tap}, ${how(worst)}`;
  return `${verdict.toUpperCase()}  no divergence: ${rest}`;
}

function place({ tap, missing }: First): string {
  return missing.length === 0 ? `first divergence ${tap}` : `first divergence at or before ${tap}`;
}

function inputsText({ inputs, missing }: First): string {
  if (missing.length > 0) return ` (without ${missing.slice(0, 4).join(", ")}: not in both)`;
  if (inputs.length === 0) return "";
  return ` (inputs clean: ${inputs.map((input) => `${input.tap} ${how(input)}`).join(", ")})`;
}

/** How far off it is: "z 0.90", or "0.40 of its bounds". */
export function how({ z, excess }: Pick<TapResult, "z" | "excess">): string {
  return excess === undefined ? `z ${figure(z)}` : `${figure(excess)} of its bounds`;
}

/** What is known of the place: error, noise, their ratio, the worst row; of bounds, how far it lies beyond them. */
export function sizes({ r, noise, z, row, excess, column }: Size): string {
  const noises = Number.isNaN(noise) ? "" : `, noise ${error(noise)}, z ${figure(z)}`;
  const place = `worst at position ${row}`;
  if (excess === undefined) return `r ${error(r)}${noises}; ${place}`;
  return `${figure(excess)} of its bounds; ${place}, column ${column!}; r ${error(r)}${noises}`;
}

type Size = Pick<First, "r" | "noise" | "z" | "row" | "excess" | "column">;

/** What judges, in words. */
export function measureText(measure: Measure): string {
  if (measure.by === "bounds") return `|got - expected| <= ${measure.atol} + ${measure.rtol} |expected|`;
  return `noise: warns above ${measure.warnAbove}, fails above ${measure.failAbove}`;
}

/** By what a report judged, where that is not noise alone. */
export function judgedBy({ measure, budget, taps }: Report): string | undefined {
  if (measure === undefined || (measure.by === "noise" && budget === undefined)) return undefined;
  if (budget === undefined) return `judged by ${measureText(measure)}`;
  const own = taps.filter((tap) => tap.measure !== undefined && tap.measure !== measure).length;
  return `${own} of ${plural(taps.length, "tap")} judged by ${budget}, others by ${measureText(measure)}`;
}

/** What a picture of a report shows: z, or errors beside the bounds that judge them. */
export function pictured({ measure, budget, taps }: Report): string {
  if (measure?.by === "bounds" && budget === undefined) return "error beside its bounds";
  return taps.some(({ excess }) => excess !== undefined) ? "z, or error beside its bounds," : "z";
}

/** The diagnosis in one line; `undefined` where there was none, or nothing to be diagnosed. */
export function diagnosisText({ diagnosis, none, first }: Report): string | undefined {
  const best = diagnosis[0];
  if (first === null && best === undefined) return undefined;
  if (none === true) {
    const nearest = best === undefined ? "" : `; nearest is ${best.code}, z ${figure(best.z)}`;
    return `none of the known bugs fits${nearest}`;
  }
  if (best === undefined) return undefined;
  const { code, variant, z, margin } = best;
  const kind = variant === undefined ? code : `${code} (${variant})`;
  return `${kind}: the engine agrees with this mutant, z ${figure(z)}, ${figure(margin)} times nearer than the next`;
}

/** The command that tells more. */
export function nextCommand(report: Report, { candidate = "CANDIDATE", model = "MODEL" }: Context): string | undefined {
  const { verdict, first, diagnosis, none, command } = report;
  const quoted = shellQuote(candidate);
  if (verdict === "incomparable") return `qwq oracle show ${quoted}`;
  if (report.notFinite !== undefined) return "qwq oracle explain overflow-f16";
  if (first === null) return undefined;
  if (none === true) return "qwq oracle explain none";
  if (diagnosis.length > 0) return `qwq oracle explain ${diagnosis[0]!.code}`;
  const layer = layerOf(first.tap);
  const more = `${quoted} -m ${shellQuote(model)}`;
  if (command !== "diagnose" && layer !== undefined) return `qwq oracle diagnose ${more} --layer ${layer}`;
  return command === "compare" ? `qwq oracle replay ${more}` : "qwq oracle explain divergence";
}

function shellQuote(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The tap that is furthest off, by whatever judges it. */
export function worstOf(taps: readonly TapResult[], report: Bounds = boundsOf()): TapResult | undefined {
  return taps.reduce<TapResult | undefined>(
    (worst, tap) => (worst === undefined || levelOf(tap, report) > levelOf(worst, report) ? tap : worst),
    undefined,
  );
}

/** The largest z of each layer (of other measures, on its scale); `undefined` for a layer of which nothing was compared. */
export function layerZ(report: Pick<Report, "layers" | "taps"> & Bounds): (number | undefined)[] {
  const { layers, taps } = report;
  const found = new Array<number | undefined>(layers).fill(undefined);
  for (const tap of taps) {
    const layer = layerOf(tap.tap);
    if (layer !== undefined && layer < layers) found[layer] = Math.max(found[layer] ?? 0, levelOf(tap, report));
  }
  return found;
}

/** Whether a tap's error is only what the first divergence left behind. Of a replay nothing is inherited. */
export function inherited(report: Report, tap: TapResult): boolean {
  if (report.command !== "compare" || report.first === null || tap.tap === report.first.tap) return false;
  const names = report.taps.map((one) => one.tap);
  return stateIn(tap, report) !== "pass" && names.indexOf(tap.tap) > names.indexOf(report.first.tap);
}
