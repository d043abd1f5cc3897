/** Notebooks as pages: their prose, their code, and the outputs that they were committed with. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ICell, IOutput } from "@jupyterlab/nbformat";
import { type Named, relink } from "./links.ts";
import { isFolder, root } from "./places.ts";

/** The notebooks that there are, by their paths in the repository. */
export function notebooks(): string[] {
  if (!isFolder("notebooks")) return [];
  return readdirSync(join(root, "notebooks"))
    .filter((name) => name.endsWith(".ipynb"))
    .sort()
    .map((name) => `notebooks/${name}`);
}

/** The Markdown of a notebook. */
export function notebookPage(path: string, named: Named): string {
  const { cells } = JSON.parse(readFileSync(join(root, path), "utf8")) as { cells: ICell[] };
  const parts = cells.map((cell) => {
    const text = joined(cell.source);
    if (cell.cell_type === "markdown") return relink(text, path, named);
    if (cell.cell_type !== "code") return "";
    return `\`\`\`\`ts\n${text}\n\`\`\`\`\n\n${(cell["outputs"] as IOutput[]).map(output).join("\n\n")}`;
  });
  return `---\naside: false\n---\n\n${parts.join("\n\n")}\n`;
}

const joined = (text: unknown): string => (Array.isArray(text) ? text.join("") : String(text ?? ""));

/** The richest form of an output that a page can show. */
function output(out: IOutput): string {
  const data = (out["data"] ?? {}) as Record<string, unknown>;
  const html = joined(data["text/html"]);
  if (html !== "") return `<div class="output" v-pre>\n${html.replace(/\n\s*\n/g, "\n")}\n</div>`;
  const png = joined(data["image/png"]).trim();
  if (png !== "") return `<div class="output"><img alt="figure" src="data:image/png;base64,${png}"></div>`;
  if (data["text/markdown"] !== undefined) return joined(data["text/markdown"]);
  const text = joined(data["text/plain"] ?? out["text"] ?? out["traceback"]).trimEnd();
  return text === "" ? "" : `<div class="output">\n\n\`\`\`\`txt\n${text}\n\`\`\`\`\n\n</div>`;
}
