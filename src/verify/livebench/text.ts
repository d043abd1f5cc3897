/**
 * Where LiveBench's scorers find an answer in a reply: between tags, in bold, in the last box.
 *
 * Texts are searched from left to right once: where a pattern of theirs could take time that grows with the square of a
 * reply, the same is found here without it.
 *
 * source   LiveBench b0fb577, livebench/process_results/util.py; CPython's re, str
 */
import { splitSpace, strip } from "../python/text.ts";

/** Thrown where the official scorer raises, which LiveBench counts as a score of 0. */
export class Raised extends Error {
  override readonly name = "Raised";
}

/** What stands between tags, pair by pair; within lines unless `lines` says that it may go over several. */
export function between(text: string, open: string, close: string, lines: "within" | "over" = "within"): string[] {
  const found: string[] = [];
  for (const part of lines === "over" ? [text] : text.split("\n")) {
    for (let at = part.indexOf(open); at >= 0;) {
      const from = at + open.length;
      const to = part.indexOf(close, from);
      if (to < 0) break;
      found.push(part.slice(from, to));
      at = part.indexOf(open, to + close.length);
    }
  }
  return found;
}

const SOLUTION = ["<solution>", "</solution>"] as const;

/** What stands in <solution>...</solution>. */
export function solutions(text: string, lines: "within" | "over" = "within"): string[] {
  return between(text, ...SOLUTION, lines);
}

/** What stands between two closing tags: some models open with one. */
export function closedTwice(text: string, lines: "within" | "over" = "within"): string[] {
  return between(text, SOLUTION[1], SOLUTION[1], lines);
}

/** The same for tags in any case, and over lines. */
export function solutionsOfAnyCase(text: string, twice = false): string[] {
  const found: string[] = [];
  let from: number | undefined;
  for (const { 0: tag, 1: slash, index } of text.matchAll(/<(\/?)solution>/giu)) {
    if (from !== undefined && slash === "/") {
      found.push(text.slice(from, index));
      from = undefined;
    } else if (from === undefined && (slash === "/") === twice) from = index + tag.length;
  }
  return found;
}

/** Words in bold. */
export function bold(text: string): string[] {
  return between(text, "**", "**");
}

/** The last \boxed{...} or \fbox{...} with its braces, or what follows the last "\boxed "; undefined where none ends. */
export function lastBox(text: string): string | undefined {
  if (text.includes("\\boxed ")) return `\\boxed ${text.split("\\boxed ").at(-1)!.split("$")[0]!}`;
  let from = text.lastIndexOf("\\boxed");
  if (from < 0) from = text.lastIndexOf("\\fbox");
  if (from < 0) return undefined;
  let open = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") open++;
    if (text[i] === "}" && --open === 0)
      return text
        .slice(from, i + 1)
        .replaceAll("$", "")
        .replaceAll("fbox", "boxed");
  }
  return undefined;
}

/** What stands in such a box. Raises where it is none after all. */
export function unboxed(box: string | undefined): string {
  if (box === undefined) throw new Raised("no box ends");
  if (box.includes("\\boxed ")) {
    if (!box.startsWith("\\boxed ")) throw new Raised("no box");
    return box.slice("\\boxed ".length);
  }
  if (!box.startsWith("\\boxed{") || !box.endsWith("}")) throw new Raised("no box in braces");
  return box.slice("\\boxed{".length, -1);
}

/** Two backslashes before fbox become two before boxed, as the scorers have it. */
export function boxesNamed(text: string): string {
  return text.replaceAll("\\\\fbox{", "\\\\boxed{");
}

/** Without these parts, each everywhere. */
export function without(text: string, ...parts: readonly string[]): string {
  return parts.reduce((left, part) => left.replaceAll(part, ""), text);
}

/** `text[-count:]`, in characters of Unicode. */
export function lastCharacters(text: string, count: number): string {
  return [...text.slice(-2 * count)].slice(-count).join("");
}

/** The last line of a text without white space at its ends. */
export function lastLine(text: string): string {
  return strip(text).split("\n").at(-1)!;
}

/** `list[-count:]`. */
export function lastOf<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(-count);
}

/** `text.count(part)`. */
export function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

export { splitSpace, strip };
