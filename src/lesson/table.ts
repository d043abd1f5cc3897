/** A table, as a notebook shows it. */
import { escaped } from "../pictures/svg.ts";

const DISPLAY = Symbol.for("Jupyter.display");

/** Rows under a head, as the value of a cell. */
export interface Table {
  readonly rows: readonly (readonly (string | number)[])[];
  [DISPLAY](): Record<string, string>;
}

/** A table of text; numbers stand as they are given. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): Table {
  return { rows, [DISPLAY]: () => ({ "text/html": html(head, rows), "text/plain": plain([head, ...rows]) }) };
}

function html(head: readonly string[], rows: Table["rows"]): string {
  const line = (name: "td" | "th", cells: readonly (string | number)[]) =>
    `<tr>${cells.map((cell) => `<${name} align="left">${escaped(String(cell))}</${name}>`).join("")}</tr>`;
  const body = rows.map((row) => line("td", row)).join("\n");
  return `<table>\n<thead>\n${line("th", head)}\n</thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
}

/** Columns as wide as their widest cell. */
function plain(rows: Table["rows"]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => String(cell).padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
