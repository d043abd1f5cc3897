/**
 * What is wrong, as a list of places, for the forms that know nothing else: annotations and SARIF.
 */
import { type Checks, sentence } from "../checks.ts";
import { stateIn } from "../measure.ts";
import type { Report } from "../report.ts";
import { type Context, diagnosisText, headline, inherited, nextCommand, sizes } from "./words.ts";

export interface Finding {
  /** Of a mutant, of a lint, or "divergence", "not-finite", "incomparable". */
  readonly code: string;
  readonly level: "error" | "warning";
  /** A tap, or a field of a file. */
  readonly place: string;
  readonly message: string;
}

/** The first divergence with its diagnosis; then taps at fault beside it, and warnings. What was inherited is none. */
export function reportFindings(report: Report, context: Context = {}): Finding[] {
  const { first, taps } = report;
  if (report.incomparable !== undefined) return [whole("incomparable", "candidate", headline(report))];
  const broken = report.notFinite === undefined ? [] : [whole("not-finite", report.notFinite.tap, headline(report))];
  const others = taps.filter(
    (tap) => stateIn(tap, report) !== "pass" && tap.tap !== first?.tap && !inherited(report, tap),
  );
  const rest = others.map((tap): Finding => ({
    code: "divergence",
    level: stateIn(tap, report) === "warn" ? "warning" : "error",
    place: tap.tap,
    message: `${tap.tap}: ${sizes(tap)}`,
  }));
  return [...broken, ...(first === null ? [] : [firstFinding(report, first, context)]), ...rest];
}

function whole(code: string, place: string, message: string): Finding {
  return { code, level: "error", place, message };
}

function firstFinding(report: Report, first: NonNullable<Report["first"]>, context: Context): Finding {
  const { diagnosis, none, verdict } = report;
  const best = none === true ? undefined : diagnosis[0];
  const next = nextCommand(report, context);
  const lines = [headline(report), sizes(first), diagnosisText(report), next && `next: ${next}`];
  return {
    code: best?.code ?? "divergence",
    level: verdict === "fail" ? "error" : "warning",
    place: first.tap,
    message: lines.filter((line) => line !== undefined && line !== "").join("\n"),
  };
}

export function checksFindings({ checks }: Checks): Finding[] {
  return checks
    .filter(({ outcome }) => outcome === "fail" || outcome === "warn")
    .sort((a, b) => Number(a.outcome === "warn") - Number(b.outcome === "warn"))
    .map((check) => ({
      code: check.code,
      level: check.outcome === "fail" ? "error" : "warning",
      place: check.where,
      message: `${check.where}: ${sentence(check)}`,
    }));
}
