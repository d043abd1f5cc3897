/** Every link of the built site leads somewhere: the page is there, and so is its anchor. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const ANCHORS = /\s(?:id|name)="([^"]+)"/g;
const LINKS = /\s(?:href|src)="([^"]+)"/g;

const decoded = (text: string): string => decodeURIComponent(text.replaceAll("&amp;", "&"));

/** What is wrong with the links of the pages in `folder`, a line a link. */
export function brokenLinks(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
  const html = new Map(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  const anchors = new Map(
    [...html].map(([name, text]) => [name, new Set([...text.matchAll(ANCHORS)].map(([, id]) => decoded(id!)))]),
  );
  const broken: string[] = [];
  for (const [name, text] of html) {
    for (const to of new Set([...text.matchAll(LINKS)].map(([, link]) => link!))) {
      if (/^([a-z]+:|\/\/)/i.test(to)) continue;
      const [path = "", hash = ""] = to.split("#");
      const file = path === "" ? name : found(folder, path, name);
      if (file === undefined) broken.push(`${name}: ${to} leads nowhere`);
      else if (hash !== "" && html.has(file) && !anchors.get(file)!.has(decoded(hash))) {
        broken.push(`${name}: ${to}: no such place on that page`);
      }
    }
  }
  return broken;
}

/** The file that a server gives for a path. */
function found(folder: string, path: string, from: string): string | undefined {
  const plain = decoded(path.split("?")[0]!);
  const at = plain.startsWith("/") ? plain.slice(1) : posix.join(dirname(from), plain);
  const is = (name: string) => existsSync(join(folder, name)) && statSync(join(folder, name)).isFile();
  return [at, posix.join(at, "index.html"), `${at}.html`].find(is);
}
