/** Whether a built notebook still says what its source gives, and if not, which cell is stale. */
import { isDeepStrictEqual } from "node:util";
import type { IOutput } from "@jupyterlab/nbformat";
import { fromIpynb, toOutputs } from "./ipynb.ts";
import type { Problem } from "./problem.ts";
import type { Ran } from "./run.ts";

/** Where the built notebook of a source lies. */
export const builtPath = (path: string): string => path.replace(/\.ts$/, ".ipynb");

/** What of the built text is no longer so; `built` is undefined where there is none. */
export function stale(ran: Ran, built: string | undefined): Problem[] {
  const whole = (text: string): Problem => ({ path: ran.path, line: 1, text });
  if (built === undefined) return [whole(`${builtPath(ran.path)} is not there. Run: npm run notebooks`)];
  const there = fromIpynb(built, builtPath(ran.path));
  if (there.length !== ran.cells.length) {
    return [whole(`stale: ${there.length} cells are built, ${ran.cells.length} are written. Run: npm run notebooks`)];
  }
  let next = 0;
  return ran.cells.flatMap((cell, i) => {
    const { kind, text, outputs } = there[i]!;
    const at = { path: ran.path, line: cell.line, cell: i + 1 };
    if (kind !== cell.kind || text !== cell.text) return [{ ...at, text: "stale: built from another text" }];
    if (kind === "markdown") return [];
    const given = toOutputs(ran.outputs[next++] ?? []);
    if (cell.tags.includes("volatile")) return [];
    const difference = differs(outputs, given);
    return difference === undefined ? [] : [{ ...at, text: `stale output: ${difference}` }];
  });
}

/** The first line in which the outputs differ, or undefined. */
function differs(built: readonly IOutput[], given: readonly IOutput[]): string | undefined {
  if (isDeepStrictEqual(built, given)) return undefined;
  const [old, now] = [linesOf(built), linesOf(given)];
  const first = Math.max(
    0,
    now.findIndex((line, i) => line !== old[i]),
    now.length < old.length ? now.length : 0,
  );
  const at = now.every((line, i) => line === old[i]) ? now.length : first;
  return `built ${shown(old[at])}, now ${shown(now[at])}`;
}

/** Every line of text in the outputs, whatever their kind. */
function linesOf(value: unknown): string[] {
  if (typeof value === "string") return value.split("\n").filter((line) => line !== "");
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(linesOf);
}

const shown = (line: string | undefined) => (line === undefined ? "nothing" : JSON.stringify(line.slice(0, 120)));
