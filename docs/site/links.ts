/** Links of a document, as they must be on the site: to other pages, to sources shown there, to public threads. */
import { posix } from "node:path";
import { isFile, isFolder, pageOf, sourcePageOf } from "./places.ts";

/** What a document names besides other documents. */
export interface Named {
  /** Files and folders that are to be shown. */
  readonly sources: Set<string>;
  /** Pictures, by their path in the repository. */
  readonly pictures: Set<string>;
}

const FENCE = /^( {0,3})(```+|~~~+)[^]*?^\1\2\s*$/gm;
const CODE = /(`+)[^]*?[^`]\1(?!`)/g;
const LINK = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)/g;
/** What is no HTML that a document means: `<think>` in prose would be an element. */
const LESS =
  /<(?!\/?(?:a|b|br|code|details|div|em|figure|figcaption|i|img|kbd|p|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|ul|ol|li)\b[^<]*>|!--|https?:)/g;
const THREAD = /(?<![\w/[])([A-Za-z0-9][\w.-]*\/[\w.-]+)#(\d+)\b(?!\])/g;

/** The same document with links of the site. `from` is its path in the repository. */
export function relink(text: string, from: string, named: Named): string {
  return outsideCode(text, (part) =>
    part
      .replace(LESS, "&lt;")
      .replace(LINK, (_, bang: string, label: string, to: string) => {
        const shown = label.startsWith("!") ? relink(label, from, named) : label;
        return `${bang}[${shown}](${target(to, from, bang !== "", named)})`;
      })
      .replace(THREAD, (all, repository: string, number: string, at: number, whole: string) =>
        inLink(whole, at) ? all : `[${all}](https://github.com/${repository}/issues/${number})`,
      ),
  );
}

/** Applies `change` to what is neither a fenced block nor code in a line. */
export function outsideCode(text: string, change: (part: string) => string): string {
  const kept: string[] = [];
  const hide = (code: string) => `\0${kept.push(code) - 1}\0`;
  const bare = text.replace(FENCE, hide).replace(CODE, hide);
  return change(bare).replace(/\0(\d+)\0/g, function back(_, at: string): string {
    return kept[Number(at)]!.replace(/\0(\d+)\0/g, back);
  });
}

function inLink(text: string, at: number): boolean {
  const [open, close] = [text.lastIndexOf("](", at), text.lastIndexOf(")", at)];
  return open > close || text.lastIndexOf("[", at) > Math.max(text.lastIndexOf("]", at), open);
}

function target(to: string, from: string, picture: boolean, named: Named): string {
  if (/^([a-z]+:|#|\/)/.test(to)) return to;
  const [path = "", hash] = to.split("#");
  const file = posix.join(posix.dirname(from), path).replace(/\/$/, "");
  if (picture) {
    named.pictures.add(file);
    return `/pictures/${file}`;
  }
  const anchor = hash === undefined ? "" : `#${hash}`;
  const page = pageOf(file);
  if (page !== undefined && (isFile(file) || file.startsWith("docs/"))) return `/${page}${anchor}`;
  if (!isFile(file) && !isFolder(file)) throw new Error(`${from}: ${to} leads to no file`);
  named.sources.add(file);
  return `/${sourcePageOf(file)}${anchor}`;
}
