/**
 * A report for a terminal: at most 40 lines of 80 columns. The verdict, the place, the reason, z over the layers, and the
 * command that tells more.
 */
import { stateIn } from "../measure.ts";
import type { Report, TapResult } from "../report.ts";
import { wrap } from "./wrap.ts";
import {
  type Context,
  diagnosisText,
  error,
  figure,
  headline,
  inherited,
  pictured,
  judgedBy,
  layerZ,
  nextCommand,
  plural,
  sizes,
  value,
} from "./words.ts";

export const COLUMNS = 80;
export const LINES = 40;
const INDENT = 6;
/** Cells of the picture of z over the layers. */
const CELLS = 64;

/** The report as text, its last line ended. */
export function reportText(report: Report, context: Context = {}): string {
  const next = nextCommand(report, context);
  const head = [
    ...wrap(headline(report), COLUMNS, INDENT).slice(0, 6),
    ...(report.taps.length === 0 ? [] : wrapped(`policy ${about(report)}`).slice(0, 3)),
    ...wrappedIf(judgedBy(report)).slice(0, 3),
  ];
  const body = [
    ...placeLines(report),
    ...diagnosisLines(report),
    ...pictureLines(report),
    ...dirtyLines(report),
    ...(report.taps.length === 0 ? [] : wrapped(coverageText(report))),
    ...report.notes.flatMap((note) => wrapped(note)),
  ];
  const last = next === undefined ? [] : wrap(`next  ${next}`, COLUMNS, INDENT).slice(0, 4);
  const room = LINES - head.length - last.length;
  const cut = body.length > room ? [...body.slice(0, room - 1), `${" ".repeat(INDENT)}...`] : body;
  return `${[...head, ...cut, ...last].join("\n")}\n`;
}

function wrapped(text: string, hanging = INDENT + 2): string[] {
  return wrap(" ".repeat(INDENT) + text, COLUMNS, hanging);
}

function wrappedIf(text: string | undefined): string[] {
  return text === undefined ? [] : wrapped(text);
}

function about({ policy, engine, rows, taps }: Report): string {
  const who = engine === undefined ? "" : `, engine ${engine}`;
  return `${policy}${who}, ${plural(rows.length, "row")} of ${plural(taps.length, "tap")}`;
}

function placeLines({ first, taps }: Report): string[] {
  if (first === null) return [];
  const pairs = taps.find(({ tap }) => tap === first.tap)?.values?.slice(0, 4) ?? [];
  const rows = pairs.map(
    (pair) => `column ${pair.column}: expected ${value(pair.expected)}, got ${value(pair.actual)}`,
  );
  return [...wrapped(sizes(first)), ...rows.flatMap((row) => wrapped(row))];
}

function diagnosisLines(report: Report): string[] {
  const text = diagnosisText(report);
  if (text === undefined) return [];
  const others = report.diagnosis.slice(1, 4).map(({ code, z }) => `${code} z ${figure(z)}`);
  return [
    ...wrapped(`diagnosis  ${text}`, INDENT + 11),
    ...(others.length > 0 ? wrapped(`then       ${others.join(", ")}`, INDENT + 11) : []),
  ];
}

function pictureLines(report: Report): string[] {
  if (report.taps.length === 0 || report.layers === 0) return [];
  const all = layerZ(report);
  const group = Math.ceil(all.length / CELLS);
  const cells = Array.from({ length: Math.ceil(all.length / group) }, (_, i) =>
    all.slice(i * group, (i + 1) * group).reduce((a, b) => (b === undefined ? a : Math.max(a ?? 0, b)), undefined),
  );
  return [
    `${" ".repeat(INDENT)}${pictured(report)} by layer, 0 to ${report.layers - 1}:`,
    " ".repeat(INDENT) + sparkline(cells, report),
  ];
}

const BARS = "▁▂▃▄▅▆▇█";

/**
 * A bar a value: the lowest up to 1, the next up to the warning, the third up to the failure; above it the five others
 * by the logarithm, up to the largest. A point where there is no value.
 */
export function sparkline(
  values: readonly (number | undefined)[],
  { warnAbove, failAbove }: Pick<Report, "warnAbove" | "failAbove">,
): string {
  const most = Math.max(failAbove * 10, ...values.filter((z) => z !== undefined && Number.isFinite(z)).map(Number));
  const bar = (z: number) => {
    if (z <= 1) return 0;
    if (z <= warnAbove) return 1;
    if (z <= failAbove) return 2;
    const above = Math.log(Math.min(z, most) / failAbove) / Math.log(most / failAbove);
    return 3 + Math.min(4, Math.floor(5 * above));
  };
  return values.map((z) => (z === undefined ? "·" : Number.isNaN(z) ? "█" : BARS[bar(z)]!)).join("");
}

/** Taps above the warning, the first apart: those at fault one a line, those that inherited it counted. */
function dirtyLines(report: Report): string[] {
  const dirty = report.taps.filter((tap) => stateIn(tap, report) !== "pass" && tap.tap !== report.first?.tap);
  const own = dirty.filter((tap) => !inherited(report, tap));
  const left = dirty.length - own.length;
  const shown = own.slice(0, 8).flatMap((tap) => wrapped(line(tap)));
  const more = own.length > 8 ? wrapped(`and ${plural(own.length - 8, "more tap")} above ${report.warnAbove}`) : [];
  const down =
    left > 0
      ? wrapped(`${plural(left, "tap")} downstream inherited it and ${left === 1 ? "is" : "are"} not blamed`)
      : [];
  return [...shown, ...more, ...down];
}

function line(result: TapResult): string {
  const { tap, r, noise, z, row, excess } = result;
  if (excess !== undefined) return `${tap}  ${sizes(result)}`;
  return `${tap}  z ${figure(z)}, r ${error(r)}, noise ${error(noise)}, position ${row}`;
}

function coverageText({ coverage: { taps, of, fraction, missing } }: Report): string {
  const part = `compared ${taps} of ${of} taps, ${(100 * fraction).toFixed(fraction < 1 ? 1 : 0)} % of their rows`;
  if (missing.length === 0) return part;
  const more = missing.length > 6 ? ` and ${missing.length - 6} more` : "";
  return `${part}; not in both: ${missing.slice(0, 6).join(", ")}${more}`;
}
