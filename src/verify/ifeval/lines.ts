/** What IFEval finds in the lines of a reply. Each search is one pass: the official patterns take time that grows with the square. */
import { isSpace, removePrefix, removeSuffix, strip, stripEnd, stripStart } from "../python/text.ts";

/** How many `[...]` there are, each on one line: `\[.*?\]`. */
export function countPlaceholders(text: string): number {
  return text.split("\n").reduce((sum, line) => sum + countBrackets(line), 0);
}

function countBrackets(line: string): number {
  let count = 0;
  for (let at = line.indexOf("["); at >= 0; at = line.indexOf("[", at)) {
    at = line.indexOf("]", at) + 1;
    if (at === 0) break;
    count++;
  }
  return count;
}

/** Lines that begin with a star that is no other's neighbour, or with a dash: `^\s*\*[^\*].*$` and `^\s*-.*$`. */
export function countBullets(text: string): number {
  const star = (at: number) => text[at] === "*" && at + 1 < text.length && text[at + 1] !== "*";
  return countItems(text, star) + countItems(text, (at) => text[at] === "-");
}

/**
 * Matches of `^\s*`, a mark and the rest of its line. White space spans lines, and a star takes one character more, which
 * may be the end of its line.
 */
function countItems(text: string, isMark: (at: number) => boolean): number {
  let count = 0;
  for (let line = 0; line >= 0 && line <= text.length;) {
    let at = line;
    while (at < text.length && isSpace(text[at]!)) at++;
    if (at === text.length) break;
    const found = isMark(at);
    if (found) count++;
    const end = text.indexOf("\n", found && text[at] === "*" ? at + 2 : at + 1);
    if (end < 0) break;
    line = end + 1;
  }
  return count;
}

/** Highlighted sections: *one* and **two**. */
export function countHighlights(text: string): number {
  const single = text.match(/\*[^\n*]*\*/g) ?? [];
  const double = text.match(/\*\*[^\n*]*\*\*/g) ?? [];
  const full =
    single.filter((mark) => strip(strip(mark, "*")) !== "").length +
    double.filter((mark) => strip(removeSuffix(removePrefix(mark, "**"), "**")) !== "").length;
  return full;
}

/** Whether a line has `<<...>>` with something in it: `<<[^\n]+>>`, the longest. */
export function hasTitle(text: string): boolean {
  return text.split("\n").some((line) => {
    const from = line.indexOf("<<");
    const to = line.lastIndexOf(">>");
    return from >= 0 && to > from + 2 && strip(stripEnd(stripStart(line.slice(from, to + 2), "<"), ">")) !== "";
  });
}
