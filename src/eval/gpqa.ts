/**
 * GPQA's table, as its authors give it out (gpqa_diamond.csv) or as JSON lines with its columns. Of the choices the table
 * says only which is right; their order is drawn, by Python's generator started with 0, question by question, as
 * lm-eval draws it. So every run asks alike, and asks what others asked.
 *
 * source   lm-evaluation-harness, tasks/gpqa/cot_zeroshot/utils.py: preprocess, process_docs
 */
import { parse } from "csv-parse/sync";
import { FormatError } from "../errors.ts";
import { PythonRandom } from "./python-random.ts";

const RIGHT = "Correct Answer";
/** In the order in which they are shuffled. */
const CHOICES = ["Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3", RIGHT];
/** Columns that are kept: the others tell about those who wrote the question. */
const KEPT = ["Record ID", "Question", "High-level domain", "Subdomain"];

/** The lines of JSON of a table, one for each row. Throws FormatError E_EVAL_DATA. */
export function csvLines(text: string, from: string): string[] {
  try {
    const rows = parse(text, { columns: true, bom: true, skip_empty_lines: true, relax_column_count: true });
    return (rows as object[]).map((row) => JSON.stringify(row));
  } catch (cause) {
    const actual = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError("E_EVAL_DATA", from, { expected: "a table (CSV)", actual, cause });
  }
}

/** Lines whose choices are put in order: "choices" and "answer" beside the question. Other lines stay as they are. */
export function gpqaLines(lines: readonly string[], from: string): string[] {
  const random = new PythonRandom(0);
  return lines.map((line, i) => {
    const row = rowOf(line);
    return row === undefined || !(RIGHT in row) ? line : arranged(row, random, `${from}, line ${i + 1}`);
  });
}

function arranged(row: Readonly<Record<string, unknown>>, random: PythonRandom, where: string): string {
  const choices = CHOICES.map((name) => cleaned(row[name], name, where));
  const right = choices.at(-1)!;
  random.shuffle(choices);
  const kept = KEPT.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]]));
  return JSON.stringify({ ...Object.fromEntries(kept), choices, answer: choices.indexOf(right) });
}

function cleaned(value: unknown, name: string, where: string): string {
  if (typeof value === "string" && value.trim() !== "") {
    return value.trim().replaceAll(" [title]", ". ").replaceAll("  ", " ");
  }
  const actual = value === undefined ? "nothing" : JSON.stringify(value);
  throw new FormatError("E_EVAL_DATA", where, { expected: `"${name}" to be a text`, actual });
}

function rowOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === "object" && row !== null ? (row as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // said where the problems are read
  }
}
