/**
 * What every printed form of a report says in words: numbers, the headline, the next command.
 */
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
  const worst = worstOf(report.taps);
  const rest = worst === undefined ? "nothing was compared" : `worst ${worst.tap}, z ${figure(worst.z)}`;
  return `${verdict.toUpperCase()}  no divergence: ${rest}`;
}

function place({ tap, missing }: First): string {
  return missing.length === 0 ? `first divergence ${tap}` : `first divergence at or before ${tap}`;
}

function inputsText({ inputs, missing }: First): string {
  if (missing.length > 0) return ` (without ${missing.slice(0, 4).join(", ")}: not in both)`;
  if (inputs.length === 0) return "";
  return ` (inputs clean: ${inputs.map(({ tap, z }) => `${tap} z ${figure(z)}`).join(", ")})`;
}

/** What is known of the place: error, noise, their ratio, the worst row. */
export function sizes({ r, noise, z, row }: Pick<First, "r" | "noise" | "z" | "row">): string {
  return `r ${error(r)}, noise ${error(noise)}, z ${figure(z)}; worst at position ${row}`;
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

export function worstOf(taps: readonly TapResult[]): TapResult | undefined {
  return taps.reduce<TapResult | undefined>(
    (worst, tap) => (worst === undefined || tap.z > worst.z ? tap : worst),
    undefined,
  );
}

/** The largest z of each layer; `undefined` for a layer of which nothing was compared. */
export function layerZ({ layers, taps }: Pick<Report, "layers" | "taps">): (number | undefined)[] {
  const found = new Array<number | undefined>(layers).fill(undefined);
  for (const { tap, z } of taps) {
    const layer = layerOf(tap);
    if (layer !== undefined && layer < layers) found[layer] = Math.max(found[layer] ?? 0, z);
  }
  return found;
}

/** Whether a tap's error is only what the first divergence left behind. Of a replay nothing is inherited. */
export function inherited(report: Report, tap: TapResult): boolean {
  if (report.command !== "compare" || report.first === null || tap.tap === report.first.tap) return false;
  const names = report.taps.map((one) => one.tap);
  return tap.z > report.warnAbove && names.indexOf(tap.tap) > names.indexOf(report.first.tap);
}
