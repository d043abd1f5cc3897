/**
 * Checks for a terminal, for programs and as Markdown.
 */
import { type Check, type Checks, sentence, verdictOf } from "../checks.ts";
import { plural } from "./words.ts";
import { COLUMNS, LINES } from "./text.ts";
import { cell } from "./markdown.ts";
import { wrap } from "./wrap.ts";

const WORDS = { fail: "FAIL", warn: "WARN", skip: "skip", pass: "ok" } as const;
const ORDER = ["fail", "warn", "skip", "pass"] as const;

/** What is wrong, failures first; at most 40 lines of 80 columns, the verdict in the first and the next command last. */
export function checksText(checks: Checks): string {
  const head = wrap(
    `${verdictOf(checks).toUpperCase()}  ${checks.command} ${checks.subject}: ${counts(checks)}`,
    COLUMNS,
    6,
  );
  const wrong = inOrder(checks).filter(({ outcome }) => outcome !== "pass");
  const skipped = wrong.filter(({ outcome }) => outcome === "skip");
  const told = skipped.length > 3 ? wrong.filter(({ outcome }) => outcome !== "skip") : wrong;
  const rest = told === wrong ? [] : wrap(`skip  not made: ${skipped.map(({ code }) => code).join(", ")}`, COLUMNS, 6);
  const lines = [
    ...told.flatMap(checkLines),
    ...rest,
    ...checks.notes.flatMap((note) => wrap(`      ${note}`, COLUMNS, 8)),
  ];
  const first = wrong.find(({ outcome }) => outcome !== "skip");
  const last = first === undefined ? [] : [`next  qwq oracle explain ${first.code}`];
  const room = LINES - head.length - last.length;
  const cut = lines.length > room ? [...lines.slice(0, room - 1), "      ... all with --format json"] : lines;
  return `${[...head, ...cut, ...last].join("\n")}\n`;
}

function checkLines(check: Check): string[] {
  return wrap(`${WORDS[check.outcome]}  ${check.code}  ${check.where}: ${sentence(check)}`, COLUMNS, 6);
}

function inOrder({ checks }: Checks): Check[] {
  return ORDER.flatMap((outcome) => checks.filter((check) => check.outcome === outcome));
}

function counts({ checks }: Checks): string {
  const of = (outcome: Check["outcome"]) => checks.filter((check) => check.outcome === outcome).length;
  const [fail, warn, skip] = [of("fail"), of("warn"), of("skip")];
  const parts = [`${of("pass")} of ${plural(checks.length, "check")} pass`];
  if (fail > 0) parts.push(`${fail} fail`);
  if (warn > 0) parts.push(`${warn} warn`);
  if (skip > 0) parts.push(`${skip} not made`);
  return parts.join(", ");
}

/** One object on one line: {"schema", "command", "subject", "verdict", "checks": [...], "notes"}. */
export function checksJson(checks: Checks): string {
  const { schema, command, subject, notes } = checks;
  return `${JSON.stringify({ schema, command, subject, verdict: verdictOf(checks), checks: checks.checks, notes })}\n`;
}

/** A heading, and a table of what is wrong. */
export function checksMarkdown(checks: Checks): string {
  const head = `### ${verdictOf(checks).toUpperCase()}: qwq oracle ${checks.command}\n\n\`${checks.subject}\`: ${counts(checks)}.\n`;
  const wrong = inOrder(checks).filter(({ outcome }) => outcome !== "pass");
  const rows = wrong.map((check) =>
    [WORDS[check.outcome], `\`${check.code}\``, check.where, check.expected ?? "", check.actual ?? "", check.next ?? ""]
      .map(cell)
      .join(" | "),
  );
  const table =
    rows.length === 0
      ? ""
      : `\n| | code | where | expected | got | what to do |\n|---|---|---|---|---|---|\n${rows.map((row) => `| ${row} |\n`).join("")}`;
  const notes = checks.notes.length === 0 ? "" : `\n${checks.notes.map((note) => `- ${note}\n`).join("")}`;
  return head + table + notes;
}
