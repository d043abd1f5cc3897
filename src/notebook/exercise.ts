/**
 * Exercises are tests too: as it stands an exercise must not be right, and with the answer that the notebook keeps folded
 * away it must. A notebook's cells have the tag `exercise` (what the reader changes), then comes the cell that judges it,
 * then a cell of text whose code is an answer.
 */
import { FormatError } from "../errors.ts";
import type { Output } from "./messages.ts";
import type { Problem } from "./problem.ts";
import type { Session } from "./session.ts";
import type { Cell } from "./source.ts";

/** One exercise; numbers of cells count from 0. */
export interface Exercise {
  readonly cell: number;
  readonly judge: number;
  readonly line: number;
  readonly start: string;
  readonly verdict: string;
  readonly answer: string;
}

const RIGHT = /^Right\./m;

/** The exercises of a notebook. Throws FormatError E_NB_SOURCE where one lacks its judge or its answer. */
export function exercises(cells: readonly Cell[], path: string): Exercise[] {
  return cells.flatMap((cell, i) => {
    if (!cell.tags.includes("exercise")) return [];
    const after = (holds: (one: Cell) => boolean, from: number) => cells.findIndex((one, k) => k > from && holds(one));
    const judge = after((one) => one.kind === "code", i);
    const answer = codeIn(cells[after((one) => codeIn(one) !== undefined, judge)]);
    if (judge < 0 || answer === undefined) {
      const expected = "a cell that judges the exercise, then text with an answer between ```ts and ```";
      throw new FormatError("E_NB_SOURCE", `line ${cell.line}`, { path, expected, actual: "none" });
    }
    return [{ cell: i, judge, line: cell.line, start: cell.text, verdict: cells[judge]!.text, answer }];
  });
}

const codeIn = (cell: Cell | undefined) =>
  cell?.kind === "markdown" ? /```ts\n([^]*?)\n```/.exec(cell.text)?.[1] : undefined;

/** The exercises that are right without an answer, or not right with theirs, in a session that has run the notebook. */
export async function notSolved(path: string, session: Session, all: readonly Exercise[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { cell, judge, line, start, verdict, answer } of all) {
    const asked = async (text: string) => {
      const put = await session.run(text, cell);
      return put.fault === undefined ? await session.run(verdict, judge) : put;
    };
    const problem = (text: string) => problems.push({ path, line, cell: cell + 1, text });
    const before = await asked(start);
    if (before.fault === undefined && RIGHT.test(said(before.outputs))) problem("the exercise is right as it stands");
    const { outputs, fault } = await asked(answer);
    if (fault !== undefined) problem(`the answer fails: ${fault.name}: ${fault.message}`);
    else if (!RIGHT.test(said(outputs))) problem(`the answer is not right: ${said(outputs).trim()}`);
  }
  return problems;
}

const said = (outputs: readonly Output[]) =>
  outputs.map((output) => (output.type === "stream" ? output.text : "")).join("");
