/** Pages that show a file or a folder of the repository, for readers without a clone. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, posix } from "node:path";
import { type Named, relink } from "./links.ts";
import { isFolder, root, sourcePageOf } from "./places.ts";

const LANGUAGES: Readonly<Record<string, string>> = {
  ".ts": "ts",
  ".mjs": "js",
  ".js": "js",
  ".json": "json",
  ".py": "python",
  ".sh": "sh",
  ".yml": "yaml",
  ".html": "html",
};
/** More than this is not shown: a page of weights helps nobody. */
const MOST_BYTES = 100_000;

/** The Markdown of a page for `path`. */
export function sourcePage(path: string, named: Named): string {
  if (isFolder(path)) return folderPage(path, named);
  const bytes = statSync(join(root, path)).size;
  const head = `---\nsearch: false\naside: false\n---\n\n`;
  if (extname(path) === ".md") return head + relink(readFileSync(join(root, path), "utf8"), path, named);
  const title = `# ${path}\n\n`;
  const language = LANGUAGES[extname(path)];
  if (bytes > MOST_BYTES || language === undefined) {
    return `${head}${title}${bytes.toLocaleString("en")} bytes: in the repository, not shown here.\n`;
  }
  const text = readFileSync(join(root, path), "utf8").trimEnd();
  return `${head}${title}<div class="whole-file">\n\n\`\`\`\`\`${language}:line-numbers\n${text}\n\`\`\`\`\`\n\n</div>\n`;
}

function folderPage(path: string, named: Named): string {
  const entries = readdirSync(join(root, path), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || a.name.localeCompare(b.name));
  const rows = entries.map((entry) => {
    const within = posix.join(path, entry.name);
    // Folders within folders are named, not shown: the site holds what its documents point at, and a step around it.
    if (entry.isDirectory()) return `- ${entry.name}/`;
    named.sources.add(within);
    return `- [${entry.name}](/${sourcePageOf(within)})`;
  });
  return `---\nsearch: false\naside: false\n---\n\n# ${path}/\n\n${rows.join("\n")}\n`;
}
