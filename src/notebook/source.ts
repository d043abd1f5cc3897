/**
 * The source of a notebook: one TypeScript file in the percent format, which editors and jupytext know too. A line
 * `// %%` begins a cell of code, `// %% [markdown]` one of text whose lines are comments, and `tags=["volatile"]` behind
 * either gives it tags. Since the whole file is one module, `tsc` checks it as it stands.
 */
import { FormatError } from "../errors.ts";

/** One cell as it is written. */
export interface Cell {
  readonly kind: "markdown" | "code";
  /** Its text: of a markdown cell without the comment marks. */
  readonly text: string;
  /** The line of the file on which the text begins, from 1. */
  readonly line: number;
  /**
   * `volatile`: its outputs differ from run to run. `raises-exception`: it must throw. `exercise`: it is the reader's to
   * change; the next cell of code judges it, and the next cell of text with code in it holds an answer.
   */
  readonly tags: readonly string[];
}

const MARK = /^\/\/ %%(?: +(\[markdown\]))?(?: +tags=(\[.*\]))? *$/;
const TAGS = ["volatile", "raises-exception", "exercise"];

/** The cells of a notebook. Throws FormatError E_NB_SOURCE, naming the line. */
export function parseSource(text: string, path: string): Cell[] {
  const lines = text.replace(/\r\n/g, "\n").split("\n");
  const starts = lines.flatMap((line, i) => (line.startsWith("// %%") ? [i] : []));
  const before = lines.slice(0, starts[0] ?? lines.length).findIndex((line) => line.trim() !== "");
  if (before >= 0) throw fault(path, before, "a first line `// %%`", lines[before]!);
  return starts.map((start, i) => {
    const [whole, markdown, tags] = MARK.exec(lines[start]!) ?? [];
    if (whole === undefined)
      throw fault(path, start, '`// %%`, `[markdown]` or none, `tags=["volatile"]` or none', lines[start]!);
    const cell = { line: start + 2, tags: tagsOf(tags, path, start, lines[start]!) };
    const body = lines.slice(start + 1, starts[i + 1] ?? lines.length);
    if (markdown === undefined) return { ...cell, kind: "code" as const, text: trimmed(body) };
    return {
      ...cell,
      kind: "markdown" as const,
      text: trimmed(body.map((line, k) => uncommented(line, path, start + 1 + k))),
    };
  });
}

function tagsOf(text: string | undefined, path: string, line: number, whole: string): readonly string[] {
  if (text === undefined) return [];
  const tags = text
    .slice(1, -1)
    .split(",")
    .map((tag) => tag.trim().replace(/^"(.*)"$/, "$1"));
  if (tags.some((tag) => !TAGS.includes(tag))) throw fault(path, line, `tags among ${TAGS.join(", ")}`, whole);
  return tags;
}

function uncommented(line: string, path: string, at: number): string {
  if (line.trim() === "") return "";
  if (!/^\/\/( |$)/.test(line)) throw fault(path, at, "a line of text that begins with `// `", line);
  return line.slice(3).trimEnd();
}

/** Without empty lines at the end; those at the beginning count for the numbers of lines. */
const trimmed = (lines: readonly string[]) => lines.join("\n").trimEnd();

function fault(path: string, line: number, expected: string, actual: string): FormatError {
  return new FormatError("E_NB_SOURCE", `line ${line + 1}`, {
    path,
    expected,
    actual: JSON.stringify(actual.slice(0, 60)),
    hint: "notebooks/README.md shows the format.",
  });
}
