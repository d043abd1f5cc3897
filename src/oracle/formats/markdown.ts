/**
 * A report as Markdown, for the summary of a CI step or a comment.
 */
import { stateIn } from "../measure.ts";
import type { Report } from "../report.ts";
import { sparkline } from "./text.ts";
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
  sizes,
  value,
} from "./words.ts";

const MOST_TAPS = 30;

export function reportMarkdown(report: Report, context: Context = {}): string {
  const next = nextCommand(report, context);
  const diagnosis = diagnosisText(report);
  const { policy, engine, coverage } = report;
  const parts = [
    `### ${headline(report)}`,
    `Policy \`${policy}\`${engine === undefined ? "" : `, engine ${cell(engine)}`}; ${coverage.taps} of ${coverage.of} taps compared, ${(100 * coverage.fraction).toFixed(1)} % of their rows.`,
    judgedBy(report) === undefined ? undefined : `${judgedBy(report)!.replace(/^judged/, "Judged")}.`,
    report.first === null ? undefined : `${sizes(report.first)}.`,
    diagnosis === undefined ? undefined : `**Diagnosis:** ${diagnosis}.`,
    report.layers > 0 && report.taps.length > 0
      ? `${pictured(report)} by layer, 0 to ${report.layers - 1}: \`${sparkline(layerZ(report), report)}\``
      : undefined,
    table(report),
    values(report),
    report.notes.length === 0 ? undefined : report.notes.map((note) => `- ${note}`).join("\n"),
    next === undefined ? undefined : `Next: \`${next}\``,
  ];
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n`;
}

function table(report: Report): string | undefined {
  const dirty = report.taps.filter((tap) => stateIn(tap, report) !== "pass");
  if (dirty.length === 0) return undefined;
  const rows = dirty.slice(0, MOST_TAPS).map((tap) => {
    const state = tap.tap === report.first?.tap ? "first" : inherited(report, tap) ? "inherited" : stateIn(tap, report);
    return `| \`${tap.tap}\` | ${figure(tap.z)} | ${error(tap.r)} | ${error(tap.noise)} | ${tap.row} | ${state} |`;
  });
  const more =
    dirty.length > MOST_TAPS ? `\n\n${dirty.length - MOST_TAPS} more taps are above ${report.warnAbove}.` : "";
  return `| tap | z | r | noise | position | |\n|---|---|---|---|---|---|\n${rows.join("\n")}${more}`;
}

function values(report: Report): string | undefined {
  const pairs = report.taps.find(({ tap }) => tap === report.first?.tap)?.values?.slice(0, 8) ?? [];
  if (pairs.length === 0) return undefined;
  const rows = pairs.map((p) => `| ${p.row} | ${p.column} | ${value(p.expected)} | ${value(p.actual)} |`);
  return `| position | column of \`${report.first!.tap}\` | expected | got |\n|---|---|---|---|\n${rows.join("\n")}`;
}

/** Text within a table's cell. */
export function cell(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replace(/[\r\n]+/g, " ")
    .replaceAll("<", "&lt;");
}
