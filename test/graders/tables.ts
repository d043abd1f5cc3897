/**
 * The tables of docs/graders.md, between comments that name them. To write them anew:
 *
 *   npx tsx test/graders/tables.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { differences, type Judged, type JudgedDifference, judgedDifferences } from "./agreement.ts";
import { type Agreement as BfclAgreement, bfclAgreement } from "./bfcl-agreement.ts";
import { type Agreement, ifevalAgreement } from "./ifeval-agreement.ts";
import { type LiveBenchAgreement, liveBenchAgreement } from "./livebench-agreement.ts";
import { judgeAime, judgeMath } from "./math.ts";

const PAGE = join(import.meta.dirname, "../../docs/graders.md");

/** What stands in a page between `<!-- name -->` and `<!-- /name -->`. */
export function tableIn(page: string, name: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  return `${page.slice(page.indexOf(open) + open.length, page.indexOf(close)).trim()}\n`;
}

/** Rows as Markdown; the first are the titles. */
export function markdown(rows: readonly (readonly (string | number)[])[]): string {
  const width = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => [...cell(row[column]!)].length)));
  const line = (row: readonly (string | number)[]) =>
    `| ${row.map((value, column) => cell(value).padEnd(width[column]!)).join(" | ")} |`;
  const rule = `| ${width.map((count) => "-".repeat(count)).join(" | ")} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join("\n") + "\n";
}

function cell(value: string | number): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}

/** A share in percent, to a hundredth; 100 only where it is all. */
export function percent(same: number, of: number): string {
  return same === of ? "100 %" : `${(Math.floor((same / of) * 10_000) / 100).toFixed(2)} %`;
}

/** IFEval's tables, by name. */
export function ifevalTables({ types, whole, differences, replies }: Agreement): Record<string, string> {
  const rows = [...types]
    .sort()
    .map(([id, { verdicts, followed, same, undecided }]) => [
      `\`${id}\``,
      verdicts,
      followed,
      percent(same, verdicts),
      undecided,
    ]);
  const languages = differences.map(({ instruction, how, official, reply }) => [
    instruction.id === "language:response_language"
      ? instruction.args.language
      : instruction.id.replace("change_case:", ""),
    how,
    official ? "followed" : "not",
    `\`${JSON.stringify(reply.length > 60 ? `${[...reply].slice(0, 60).join("")}...` : reply).replace(/[|`]/g, "")}\``,
  ]);
  return {
    "ifeval-whole": markdown([
      ["replies", "number", "all verdicts the same"],
      ["all", replies, percent(whole.with.same, whole.with.of)],
      ["to prompts without a type of language", whole.without.of, percent(whole.without.same, whole.without.of)],
    ]),
    "ifeval-types": markdown([["type", "verdicts", "of them followed", "the same", "lm-eval undecided"], ...rows]),
    "ifeval-languages": markdown([["asked", "how", "lm-eval", "reply"], ...languages]),
  };
}

/** BFCL's tables, by name. */
export function bfclTables({ categories, syntax }: BfclAgreement): Record<string, string> {
  const rows = [...categories].map(([name, { tasks, verdicts, right, same, raised }]) => [
    `\`${name}\``,
    tasks,
    verdicts,
    right,
    percent(same, verdicts),
    raised,
  ]);
  return {
    bfcl: markdown([["category", "tasks", "replies", "of them right", "the same verdict", "checker raised"], ...rows]),
    "bfcl-syntax": markdown([
      ["texts in Python's syntax", "decoded to the same"],
      [syntax.texts, syntax.texts - syntax.differences.length],
    ]),
  };
}

/** LiveBench's table, by name. */
export function liveBenchTables({ tasks }: LiveBenchAgreement): Record<string, string> {
  const rows = [...tasks].map(([name, { replies, right, inPart, same }]) => [
    name.replace(/^\w+/, "`$&`"),
    replies,
    right,
    inPart,
    percent(same, replies),
  ]);
  return { livebench: markdown([["task", "replies", "of them right", "in part", "the same score"], ...rows]) };
}

/** Mathematics' tables, by name: each family of answers, and each kind of difference. */
export function mathTables(judged: readonly Judged[], aime: readonly Judged[]): Record<string, string> {
  const same = (all: readonly Judged[]) => all.length - differences(all).length;
  const row = (name: string, all: readonly Judged[]) => [
    name,
    all.length,
    all.filter(({ official }) => official).length,
    percent(same(all), all.length),
  ];
  const families = [...new Set(judged.map(({ family }) => family))];
  const kinds = new Map<string, JudgedDifference[]>();
  for (const one of judgedDifferences("math-judged.json")) {
    kinds.set(one.judgement, [...(kinds.get(one.judgement) ?? []), one]);
  }
  const shown = (text: string) => `\`${text.slice(-60).replace(/[|`\n]/g, " ")}\``;
  return {
    "math-families": markdown([
      ["answers", "pairs", "of them right", "the same"],
      ...families.map((family) =>
        row(
          family,
          judged.filter((one) => one.family === family),
        ),
      ),
      row("all, against math-verify", judged),
      row("AIME 2024 and 2025, against lm-eval", aime),
    ]),
    "math-differences": markdown([
      ["number", "expected", "the end of a reply", "math-verify", "who is right"],
      ...[...kinds].map(([judgement, [one, ...more]]) => [
        1 + more.length,
        shown(one!.expected),
        shown(one!.reply),
        one!.official ? "right" : "wrong",
        judgement,
      ]),
    ]),
  };
}

async function write(): Promise<void> {
  let page = readFileSync(PAGE, "utf8");
  const tables = {
    ...ifevalTables(ifevalAgreement()),
    ...bfclTables(bfclAgreement()),
    ...liveBenchTables(await liveBenchAgreement()),
    ...mathTables(await judgeMath(), await judgeAime()),
  };
  for (const [name, table] of Object.entries(tables)) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [page.indexOf(open) + open.length, page.indexOf(close)];
    page = `${page.slice(0, from)}\n\n${table}\n${page.slice(to)}`;
  }
  writeFileSync(PAGE, page);
}

if (process.argv[1] === import.meta.filename) await write();
