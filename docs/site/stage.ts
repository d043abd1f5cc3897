/** Writes the site's pages: every document, notebook and source that they name, with links of the site. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { livePage, pointedAt } from "../live/html.ts";
import { documents } from "./contents.ts";
import { type Named, relink } from "./links.ts";
import { notebookPage, notebooks } from "./notebooks.ts";
import { isFile, pageOf, pages, root, sourcePageOf } from "./places.ts";
import { sourcePage } from "./sources.ts";

/** What readers come for besides documents: always shown. */
const ALWAYS = ["src/model.ts", "src/ops.ts", "src/weights.ts", "src/tensor.ts", "src/config.ts", "src/reference"];

function write(page: string, text: string): void {
  const to = join(pages, `${page}.md`);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
}

const LIVE = /<!-- live: .* -->/;
/** The address of the page that shows a file. */
const address = (file: string): string | undefined =>
  isFile(file) ? `/${pageOf(file) ?? sourcePageOf(file)}.html` : undefined;

/** Writes them all. */
export function stage(): void {
  const named: Named = { sources: new Set(ALWAYS), pictures: new Set() };
  for (const file of pointedAt()) if (isFile(file) && pageOf(file) === undefined) named.sources.add(file);
  for (const path of documents()) {
    const text = relink(readFileSync(join(root, path), "utf8"), path, named);
    const live = `<div id="live" v-pre>${livePage(address)}</div>\n\n<LivePage />`;
    write(pageOf(path)!, path === "docs/live.md" ? text.replace(LIVE, () => live) : text);
  }
  for (const path of notebooks()) write(pageOf(path)!, notebookPage(path, named));
  // A Set that grows while it is walked is walked to its end: sources name further ones.
  for (const path of named.sources) write(sourcePageOf(path), sourcePage(path, named));
  for (const path of named.pictures) {
    const to = join(pages, "public/pictures", path);
    if (!existsSync(join(root, path))) throw new Error(`${path}: a picture that is not there`);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, path), to);
  }
}
