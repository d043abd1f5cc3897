/**
 * LiveBench's language: groups of words, sentences put in order, spelling.
 *
 * source   LiveBench b0fb577, process_results/writing
 */
import { strip } from "../python/text.ts";
import { Likeness, levenshtein } from "./distance.ts";
import { bold, closedTwice, lastBox, lastOf, Raised, solutions, unboxed, without } from "./text.ts";

const GROUP = 4;

/** Groups of four, each a set. A word said twice leaves room for another. */
function groups(words: readonly string[]): Set<string>[] {
  const all: Set<string>[] = [new Set()];
  for (const word of words) {
    if (all.at(-1)!.size === GROUP) all.push(new Set());
    all.at(-1)!.add(strip(word).toLowerCase());
  }
  return all;
}

const holds = (group: ReadonlySet<string>, other: ReadonlySet<string>) => [...other].every((word) => group.has(word));

/** Connections until November 2024: the best of the lists in bold. */
export function connectionsOld(truth: string, reply: string): number {
  const right = groups(truth.split(","));
  const shares = bold(reply.replaceAll("\n", "")).map((words) => {
    const said = groups(words.split(","));
    return right.filter((group) => said.some((one) => holds(one, group))).length / right.length;
  });
  return shares.reduce((most, one) => Math.max(most, one), 0);
}

/** Connections since then: the share of groups that are right. */
export function connections(truth: string, reply: string): number {
  const words = truth.split(",");
  const right = groups(words);
  const found = listsIn(reply).map((list) => list.replaceAll("\n", ""));
  if (found.length === 0) return 0;
  const all = found.flatMap((list) => list.split(","));
  const said = groups(found.length > 1 ? lastOf(all, words.length) : all);
  const same = said.filter((group) => right.some((one) => one.size === group.size && holds(one, group)));
  return same.length / right.length;
}

function listsIn(reply: string): string[] {
  const joined = reply.replaceAll("\n", "");
  for (const find of [solutions, closedTwice]) {
    for (const text of [reply, joined]) {
      const found = find(text);
      if (found.length > 0) return found;
    }
  }
  return reply.includes("\\boxed") ? [without(unboxed(lastBox(reply)), "\\text{", "}", "\\")] : [];
}

/** A plot's sentences in order: one less the distance to the right order, in sentences. */
export function plot(truth: string, reply: string): number {
  const right = sentences(truth);
  const said = sentences(summaryIn(reply)).filter(
    (one) => one !== "</PLOT_SUMMARY>" && one !== "**End of Plot Summary**",
  );
  if (right.length === 0) throw new Raised("no sentence in the answer");
  const order = right.flatMap((sentence) => {
    const closest = new Likeness(sentence).closest(said);
    return closest === undefined ? [] : [said.indexOf(closest)];
  });
  return (
    1 -
    levenshtein(
      right.map((_, i) => i),
      order,
    ) /
      right.length
  );
}

function sentences(text: string): string[] {
  return text
    .split(".")
    .map((one) => strip(one))
    .filter((one) => one !== "");
}

/** What stands between the first opening tag and the last closing one, or the end. */
function summaryIn(text: string): string {
  const open = "<PLOT_SUMMARY>";
  const at = text.indexOf(open);
  if (at < 0) return text;
  const rest = text.slice(at + open.length);
  const end = rest.lastIndexOf("</PLOT_SUMMARY>");
  return end < 0 ? rest : rest.slice(0, end);
}

const RULE = " --- ";

/** Typos: the text itself must be there, as it should be. */
export function typos(truth: string, reply: string): number {
  const said = solutions(reply).at(-1) ?? ruled(without(reply, "<solution>", "</solution>"));
  const text = strip(said)
    .split("\n")
    .filter((line) => line !== "")
    .join(" ");
  return Number(text.includes(truth));
}

/** What stands between the last two rules of the first line that has two; all of it where none has. */
function ruled(text: string): string {
  for (const line of text.split("\n")) {
    const last = line.lastIndexOf(RULE);
    const open = last < RULE.length ? -1 : line.lastIndexOf(RULE, last - RULE.length);
    if (open >= 0) return line.slice(open + RULE.length, line.indexOf(RULE, open + RULE.length));
  }
  return text;
}
