/** Where the site's parts lie, and which page of it a file of the repository is. */
import { existsSync, statSync } from "node:fs";
import { join, posix } from "node:path";

export const root = join(import.meta.dirname, "../..");
/** The pages before they are HTML: written anew by every build. */
export const pages = join(root, "dist/site-pages");
/** The site. */
export const site = join(root, "dist/site");

/** Where the one or the other lies in the repository, and is a page of its own. */
const OWN: Readonly<Record<string, string>> = {
  "README.md": "readme",
  "README.zh.md": "zh/readme",
  "notebooks/README.md": "notebooks/index",
};

export const isFile = (path: string): boolean => existsSync(join(root, path)) && statSync(join(root, path)).isFile();
export const isFolder = (path: string): boolean =>
  existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();

/** The page of a document or notebook, without a leading slash and an ending; undefined if it has none of its own. */
export function pageOf(path: string): string | undefined {
  const own = OWN[path];
  if (own !== undefined) return own;
  if (/^docs\/(?!course\/start\/).*\.md$/.test(path)) return path.slice("docs/".length, -".md".length);
  if (/^notebooks\/[^/]+\.(ts|ipynb)$/.test(path) && isFile(path.replace(/\.ts$/, ".ipynb"))) {
    return path.replace(/\.(ts|ipynb)$/, "");
  }
  return undefined;
}

/** The page that shows any other file or folder as it is. Endings that mean a page to VitePress are left out. */
export function sourcePageOf(path: string): string {
  return isFolder(path)
    ? posix.join("source", path, "index")
    : posix.join("source", path.replace(/\.md$/, "").replace(/\.html$/, "-html"));
}
