/** Runs a whole notebook from its source, and says of every cell that fails where it stands. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { IoError } from "../errors.ts";
import type { Fault, Output } from "./messages.ts";
import { exercises, notSolved } from "./exercise.ts";
import type { Problem } from "./problem.ts";
import { Session, type SessionOptions } from "./session.ts";
import { type Cell, parseSource } from "./source.ts";

/** What a run gave. */
export interface Ran {
  readonly path: string;
  readonly cells: readonly Cell[];
  /** Of each code cell that was reached. */
  readonly outputs: readonly (readonly Output[])[];
  readonly problems: readonly Problem[];
  readonly seconds: number;
}

/** The text of a file. Throws IoError E_IO_OPEN. */
export function readSource(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new IoError("E_IO_OPEN", path, {
      path,
      expected: "a notebook that can be read",
      actual: cause instanceof Error && "code" in cause ? String(cause.code) : String(cause),
      hint: "Check the path.",
      cause,
    });
  }
}

/** Runs the notebook until a cell fails; `limit` as for a session. Throws FormatError E_NB_SOURCE, IoError E_IO_OPEN. */
export async function runNotebook(path: string, options: SessionOptions = {}): Promise<Ran> {
  const start = performance.now();
  const cells = parseSource(readSource(path), path);
  const outputs: (readonly Output[])[] = [];
  const problems: Problem[] = [];
  const session = new Session(resolve(path), options);
  for (const [i, cell] of cells.entries()) {
    if (cell.kind === "markdown") continue;
    const result = await session.run(cell.text, i);
    outputs.push(result.outputs);
    const problem = judged(path, cells, i, result.fault);
    if (problem === undefined) continue;
    problems.push(problem);
    break;
  }
  if (problems.length === 0) problems.push(...(await notSolved(path, session, exercises(cells, path))));
  if (problems.length > 0) await session.kill();
  else {
    const fault = await session.end();
    if (fault !== undefined) problems.push(problemOf(path, cells, fault, undefined));
  }
  return { path, cells, outputs, problems, seconds: (performance.now() - start) / 1000 };
}

function judged(path: string, cells: readonly Cell[], i: number, fault: Fault | undefined): Problem | undefined {
  const must = cells[i]!.tags.includes("raises-exception");
  const dead = fault?.name === "Exit" || fault?.name === "Timeout";
  if (fault !== undefined) return must && !dead ? undefined : problemOf(path, cells, fault, i);
  if (!must) return undefined;
  return { path, line: cells[i]!.line, cell: i + 1, text: "has the tag raises-exception and threw nothing" };
}

function problemOf(path: string, cells: readonly Cell[], fault: Fault, i: number | undefined): Problem {
  const place = fault.places[0] ?? (i === undefined ? undefined : { cell: i, line: 1 });
  const text = `${fault.name}: ${fault.message}`;
  if (place === undefined) return { path, line: 1, text };
  return { path, line: cells[place.cell]!.line + place.line - 1, cell: place.cell + 1, text };
}
