/**
 * A report for programs: one object on one line. Its keys are a contract; more may be added under the same schema, none
 * changes its meaning.
 *
 *   {"schema": "oracle-report/1", "verdict": "pass" | "warn" | "fail" | "incomparable",
 *    "first": {"tap", "r", "noise", "z", "row", "inputs", "missing"} | null,
 *    "taps": [{"tap", "r", "noise", "z", "row"}], "diagnosis": [{"code", "z", "margin"}], "none"?: boolean,
 *    "measure": {"by": "noise", "warnAbove", "failAbove"} | {"by": "bounds", "atol", "rtol"}, ...}
 *
 * Where bounds judge, a tap also has "excess", above 1 exactly where it is beyond them, and "column"; noise and z are null
 * where they are not known. A tap that a "budget", the name of a file, judges by something else than the rest has a "measure" of
 * its own.
 */
import type { Report } from "../report.ts";

/** The report as one line of JSON, its last line ended. What is infinite becomes the largest double, NaN null. */
export function reportJson(report: Report): string {
  const { schema, command, verdict, first, none, policy, engine, layers, rows, coverage, notes } = report;
  const object = {
    schema,
    command,
    verdict,
    first: first === null ? null : { ...sizes(report, first), inputs: first.inputs, missing: first.missing },
    taps: report.taps.map((tap) => sizes(report, tap)),
    diagnosis: report.diagnosis.map(({ code, z, margin, variant }) => ({ code, z, margin, variant })),
    none,
    policy,
    engine,
    layers,
    rows,
    coverage,
    notes,
    incomparable: report.incomparable,
    notFinite: report.notFinite,
    warnAbove: report.warnAbove,
    failAbove: report.failAbove,
    measure: report.measure,
    budget: report.budget,
  };
  return `${JSON.stringify(object, finite)}\n`;
}

type Size = Pick<Report["taps"][number], "tap" | "r" | "noise" | "z" | "row" | "excess" | "column" | "measure">;

function sizes(report: Report, { tap, r, noise, z, row, excess, column, measure }: Size) {
  return { tap, r, noise, z, row, excess, column, measure: measure === report.measure ? undefined : measure };
}

/** JSON has neither infinity nor NaN; `z > 6` must stay true of what is infinite. */
export function finite(_: string, x: unknown): unknown {
  return x === Infinity ? Number.MAX_VALUE : x === -Infinity ? -Number.MAX_VALUE : x;
}
