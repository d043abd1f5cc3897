/**
 * The pages of docs/divergence: what each code means, right and wrong, and where it was seen.
 *
 * A page is a part of a Markdown file, from its heading `## code` to the next. Blocks that are indented by four are
 * equations; points begin with their name in bold.
 */
import { UsageError } from "../errors.ts";
import { InputFile } from "../files/input.ts";
import { shipped } from "../files/shipped.ts";
import { decodeUtf8 } from "../json/utf8.ts";
import { COLUMNS } from "./formats/text.ts";
import { wrap } from "./formats/wrap.ts";

const FILES = ["mutants.md", "verdicts.md", "lint.md", "weights.md", "invariants.md", "text.md"] as const;
const MOST_BYTES = 2 ** 20;

export interface Page {
  readonly code: string;
  /** Without its heading. */
  readonly markdown: string;
  /** Its first sentence. */
  readonly summary: string;
}

/** Every page by its code, in the order of the files. Throws as InputFile. */
export function pages(): ReadonlyMap<string, Page> {
  const all = FILES.flatMap((name) => parsePages(read(name)));
  return new Map(all.map((page) => [page.code, page]));
}

/**
 * The page of a code.
 *
 * throws   UsageError E_ARG_CODE for a code that has none, with the codes that are nearest
 */
export function explain(code: string): Page {
  const all = pages();
  const page = all.get(code) ?? all.get(`lint-${code}`);
  if (page !== undefined) return page;
  const near = [...all.keys()].sort((a, b) => distance(a, code) - distance(b, code)).slice(0, 3);
  throw new UsageError("E_ARG_CODE", "oracle explain", {
    expected: `a code such as ${near.join(", ")}`,
    actual: `"${code}"`,
    hint: "qwq oracle explain lists them all.",
  });
}

function read(name: string): string {
  const path = shipped("docs", "divergence", name);
  const file = new InputFile(path);
  try {
    return decodeUtf8(file.whole(MOST_BYTES, "E_LIMIT_INPUT"), path);
  } finally {
    file.close();
  }
}

/** The pages of a Markdown file. */
export function parsePages(markdown: string): Page[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      const body = part.slice(end + 1).trim();
      const first = body.split("\n\n")[0]!.replaceAll("\n", " ");
      return { code: part.slice(0, end).trim(), markdown: body, summary: /^.*?\.(?=\s|$)/.exec(first)?.[0] ?? first };
    });
}

/** The page for a terminal: lines of 80 columns, equations as they stand. */
export function pageText({ code, markdown }: Page): string {
  const blocks = markdown.split(/\n{2,}/).map((block) => {
    if (block.startsWith("    "))
      return block
        .split("\n")
        .map((line) => line.trimEnd())
        .join("\n");
    if (block.startsWith("- "))
      return block
        .split(/\n(?=- )/)
        .map(pointText)
        .join("\n");
    return wrap(plain(block), COLUMNS).join("\n");
  });
  return `${code}\n${"=".repeat(code.length)}\n\n${blocks.join("\n\n")}\n`;
}

/** `- **Symptom:** text` with its name in a column. */
function pointText(point: string): string {
  const [, name, text] = /^- \*\*(.*?):\*\* ([^]*)$/.exec(point) ?? [];
  if (name === undefined) return wrap(plain(point), COLUMNS, 2).join("\n");
  return wrap(`${`${name}:`.padEnd(WIDTH)}${plain(text!)}`, COLUMNS, WIDTH).join("\n");
}

const WIDTH = 11;

function plain(markdown: string): string {
  return markdown.replaceAll("\n", " ").replaceAll("`", "").replaceAll("**", "");
}

/** Every code with what of its first sentence goes into a line. */
export function listText(): string {
  const rows = [...pages().values()].map(({ code, summary }) => {
    const [line, more] = wrap(`${code.padEnd(22)}${plain(summary)}`, COLUMNS - 4, 22);
    return more === undefined || /[.:]$/.test(line!) ? line! : `${line!} ...`;
  });
  return `${rows.join("\n")}\n`;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length]!;
}
