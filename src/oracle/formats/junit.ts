/**
 * JUnit XML, which every CI system reads: a suite a layer, a case a tap; or a suite of checks.
 *
 * source   testmoapp/junitxml, the de-facto schema: testsuites > testsuite (name, tests, failures, errors, skipped) >
 *          testcase (name, classname) > failure | error | skipped
 */
import { type Checks, sentence } from "../checks.ts";
import { stateIn } from "../measure.ts";
import type { Report, TapResult } from "../report.ts";
import { diagnosisText, headline, inherited, layerOf, sizes } from "./words.ts";
import { attribute, escapeXml } from "./xml.ts";

interface Case {
  readonly name: string;
  readonly outcome: "pass" | "failure" | "error" | "skipped";
  /** One line. */
  readonly message?: string;
  readonly detail?: string;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

export function reportJunit(report: Report): string {
  return junit(`qwq oracle ${report.command}`, reportSuites(report));
}

export function checksJunit(checks: Checks): string {
  const cases = checks.checks.map((check): Case => {
    const name = `${check.code}: ${check.where}`;
    if (check.outcome === "pass") return { name, outcome: "pass" };
    if (check.outcome === "skip") return { name, outcome: "skipped", message: sentence(check) };
    if (check.outcome === "fail") return { name, outcome: "failure", message: sentence(check) };
    return { name, outcome: "pass", detail: `warning: ${sentence(check)}` };
  });
  return junit(`qwq oracle ${checks.command}`, [{ name: `${checks.command} ${checks.subject}`, cases }]);
}

function reportSuites(report: Report): Suite[] {
  const suites = new Map<string, Case[]>();
  const add = (suite: string, one: Case) => suites.set(suite, [...(suites.get(suite) ?? []), one]);
  if (report.incomparable !== undefined || report.notFinite !== undefined) {
    add("comparison", { name: "can be compared", outcome: "error", message: headline(report) });
  }
  for (const tap of report.taps) add(suiteOf(tap.tap), tapCase(report, tap));
  for (const tap of report.coverage.missing) {
    add(suiteOf(tap), { name: tap, outcome: "skipped", message: "not in both" });
  }
  return [...suites].map(([name, cases]) => ({ name, cases }));
}

function suiteOf(tap: string): string {
  const layer = layerOf(tap);
  return layer === undefined ? "model" : `layer ${layer}`;
}

function tapCase(report: Report, tap: TapResult): Case {
  const name = tap.tap;
  if (tap.tap === report.first?.tap && report.verdict === "fail") {
    const message = headline(report);
    return {
      name,
      outcome: "failure",
      message,
      detail: [sizes(tap), diagnosisText(report) ?? ""].join("\n").trimEnd(),
    };
  }
  if (inherited(report, tap)) {
    return { name, outcome: "skipped", message: `inherited from ${report.first!.tap}, not blamed: ${sizes(tap)}` };
  }
  const state = stateIn(tap, report);
  if (state === "fail") return { name, outcome: "failure", message: sizes(tap) };
  return state === "warn" ? { name, outcome: "pass", detail: `warning: ${sizes(tap)}` } : { name, outcome: "pass" };
}

function junit(name: string, suites: readonly Suite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const body = suites.map((suite) => {
    const cases = suite.cases.map((one) => caseXml(suite.name, one)).join("");
    return `  <testsuite name="${attribute(suite.name)}" ${counts(suite.cases)} time="0">\n${cases}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${attribute(name)}" ${counts(all)} time="0">\n${body.join("")}</testsuites>\n`;
}

function counts(cases: readonly Case[]): string {
  const of = (outcome: Case["outcome"]) => cases.filter((one) => one.outcome === outcome).length;
  return `tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}" skipped="${of("skipped")}"`;
}

function caseXml(suite: string, { name, outcome, message, detail }: Case): string {
  const head = `    <testcase classname="${attribute(suite)}" name="${attribute(name)}" time="0"`;
  if (outcome === "pass" && detail === undefined) return `${head}/>\n`;
  if (outcome === "pass") return `${head}>\n      <system-out>${escapeXml(detail!)}</system-out>\n    </testcase>\n`;
  const said = message === undefined ? "" : ` message="${attribute(message)}"`;
  return `${head}>\n      <${outcome}${said}>${escapeXml(detail ?? "")}</${outcome}>\n    </testcase>\n`;
}
