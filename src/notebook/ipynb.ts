/**
 * The `.ipynb` of a notebook: nbformat 4.5 as one text that depends on the source and the outputs alone. No times, no
 * counts, keys in a fixed order, texts as lists of lines, and each cell's id made from what it says, so that a change in one
 * cell is a change in few lines.
 */
import { createHash } from "node:crypto";
import type { ICell, ICodeCell, INotebookContent, IOutput } from "@jupyterlab/nbformat";
import { FormatError } from "../errors.ts";
import type { Fault, Output } from "./messages.ts";
import type { Cell } from "./source.ts";

/** The name under which the kernel is known to Jupyter. */
export const KERNEL = "qwq";

/** What a notebook says of its kernel and its language. */
export const METADATA = {
  kernelspec: { display_name: "TypeScript (qwq)", language: "typescript", name: KERNEL },
  language_info: {
    file_extension: ".ts",
    mimetype: "text/typescript",
    name: "typescript",
    pygments_lexer: "typescript",
  },
};

/** A notebook's text; `outputs` are those of its code cells, in order. */
export function toIpynb(cells: readonly Cell[], outputs: readonly (readonly Output[])[]): string {
  const seen = new Map<string, number>();
  let next = 0;
  const content = {
    cells: cells.map((cell) => {
      const id = idOf(cell, seen);
      const metadata = cell.tags.length === 0 ? {} : { tags: [...cell.tags] };
      if (cell.kind === "markdown") return { cell_type: "markdown", id, metadata, source: linesOf(cell.text) };
      const given = toOutputs(outputs[next++] ?? []);
      return { cell_type: "code", execution_count: null, id, metadata, outputs: given, source: linesOf(cell.text) };
    }),
    metadata: METADATA,
    nbformat: 4,
    nbformat_minor: 5,
  } satisfies INotebookContent & { cells: ICell[] };
  return `${JSON.stringify(content, null, 1)}\n`;
}

/** What stands in a built notebook: of each cell its kind, text and outputs. Throws FormatError E_NB_IPYNB. */
export function fromIpynb(text: string, path: string): { kind: string; text: string; outputs: IOutput[] }[] {
  const content = parsed(text);
  if (content === undefined) {
    throw new FormatError("E_NB_IPYNB", "notebook", { path, expected: "nbformat 4", hint: "Run: npm run notebooks." });
  }
  return content.cells.map((cell) => ({
    kind: String(cell.cell_type),
    text: joined(cell.source),
    outputs: cell.cell_type === "code" ? (cell as ICodeCell).outputs : [],
  }));
}

function parsed(text: string): INotebookContent | undefined {
  try {
    const content = JSON.parse(text) as INotebookContent | null;
    return Array.isArray(content?.cells) ? content : undefined;
  } catch {
    return undefined;
  }
}

const joined = (text: string | string[]) => (typeof text === "string" ? text : text.join(""));

/** Lines as nbformat has them: each with its end, the last without. */
const linesOf = (text: string) => (text === "" ? [] : text.split(/(?<=\n)/));

function idOf(cell: Cell, seen: Map<string, number>): string {
  const hash = createHash("sha256").update(`${cell.kind}\n${cell.text}`).digest("hex").slice(0, 8);
  const before = seen.get(hash) ?? 0;
  seen.set(hash, before + 1);
  return before === 0 ? hash : `${hash}-${before + 1}`;
}

/** Outputs in Jupyter's form; what one stream says in a row is one output. */
export function toOutputs(outputs: readonly Output[]): IOutput[] {
  const made: IOutput[] = [];
  let stream: { name: string; text: string } | undefined;
  const flush = () => {
    if (stream !== undefined) made.push({ name: stream.name, output_type: "stream", text: linesOf(stream.text) });
    stream = undefined;
  };
  for (const output of outputs) {
    if (output.type === "stream" && stream?.name === output.name) stream.text += output.text;
    else {
      flush();
      if (output.type === "stream") stream = { name: output.name, text: output.text };
      else made.push(toOutput(output));
    }
  }
  flush();
  return made;
}

/** One output in Jupyter's form; `text` makes lines what they should be: lists in files, whole texts in messages. */
export function toOutput(
  output: Exclude<Output, { type: "stream" }>,
  text: (lines: string[]) => string | string[] = (lines) => lines,
): IOutput {
  if (output.type === "error") {
    const { name, message } = output.fault;
    return { ename: name, evalue: message, output_type: "error", traceback: [faultText(output.fault)] };
  }
  const data = Object.fromEntries(
    Object.entries(output.data)
      .sort()
      .map(([type, value]) => [type, text(linesOf(value))]),
  );
  if (output.type === "display") return { data, metadata: {}, output_type: "display_data" };
  return { data, execution_count: null, metadata: {}, output_type: "execute_result" };
}

/** A fault as a notebook shows it. */
export function faultText({ name, message, places }: Fault): string {
  const [place] = places;
  return `${name}: ${message}${place === undefined ? "" : `\n    at cell ${place.cell + 1}, line ${place.line}`}`;
}
