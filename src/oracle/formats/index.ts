/**
 * Every form in which a report or a list of checks can be had, by the name that `--format` takes.
 */
import { type Checks, verdictOf } from "../checks.ts";
import type { Report } from "../report.ts";
import { checksJson, checksMarkdown, checksText } from "./checks.ts";
import { checksFindings, type Finding, reportFindings } from "./findings.ts";
import { annotations } from "./github.ts";
import { reportHtml } from "./html.ts";
import { reportJson } from "./json.ts";
import { checksJunit, reportJunit } from "./junit.ts";
import { reportMarkdown } from "./markdown.ts";
import { sarif } from "./sarif.ts";
import { reportText } from "./text.ts";
import { type Context, headline } from "./words.ts";

export const FORMATS = ["text", "json", "junit", "github", "sarif", "md", "html"] as const;
export type Format = (typeof FORMATS)[number];

/** The file of each form in a folder of reports. */
export const FILE_NAMES: Readonly<Record<Format, string>> = {
  text: "report.txt",
  json: "report.json",
  junit: "report.junit.xml",
  github: "report.github.txt",
  sarif: "report.sarif",
  md: "report.md",
  html: "report.html",
};

/** What can be printed in these forms. */
export interface Printable {
  readonly print: Readonly<Partial<Record<Format, () => string>>>;
}

export interface PrintOptions extends Context {
  /** Of this package, for SARIF. */
  readonly version: string;
  /** Annotations at most. */
  readonly annotations?: number | undefined;
}

export function printableReport(report: Report, options: PrintOptions): Printable {
  const findings = () => reportFindings(report, options);
  return {
    print: {
      text: () => reportText(report, options),
      json: () => reportJson(report),
      junit: () => reportJunit(report),
      github: () => annotations(findings(), headline(report), options.annotations),
      sarif: () => sarifOf(findings(), options, options.candidate ?? "candidate"),
      md: () => reportMarkdown(report, options),
      html: () => reportHtml(report, options),
    },
  };
}

/** Checks have no page of their own. */
export function printableChecks(checks: Checks, options: PrintOptions): Printable {
  const findings = () => checksFindings(checks);
  const { command, subject } = checks;
  const head = `${verdictOf(checks).toUpperCase()}  ${command} ${subject}`;
  return {
    print: {
      text: () => checksText(checks),
      json: () => checksJson(checks),
      junit: () => checksJunit(checks),
      github: () => annotations(findings(), head, options.annotations),
      sarif: () => sarifOf(findings(), options, subject),
      md: () => checksMarkdown(checks),
    },
  };
}

function sarifOf(findings: readonly Finding[], { version }: PrintOptions, file: string): string {
  return sarif(findings, { version, file });
}
