/** A hostile program, what it tries, and what may come of it. */
import type { Language, Status } from "../../../src/verify/server/protocol.ts";

export interface Hostile {
  readonly name: string;
  readonly language: Language;
  /** Whether it defines a function f(a, b), which is given 2 and 3 and should return 5, or reads "2 3" and should write 5. */
  readonly kind: "function" | "program";
  /** $CANARY, $OUT, $FOLDER: paths that it may know; $PORT: where somebody listens; $PID: the server's process. */
  readonly source: string;
  /** The verdicts that are right. */
  readonly verdicts: readonly Status[];
}

type Line = readonly [name: string, verdicts: string, source: string];

const of = (language: Language, kind: Hostile["kind"], lines: readonly Line[]): Hostile[] =>
  lines.map(([name, verdicts, source]) => ({
    name,
    language,
    kind,
    source,
    verdicts: verdicts.split(" ") as Status[],
  }));

export const functions = (lines: readonly Line[]): Hostile[] => of("javascript", "function", lines);
export const programs = (lines: readonly Line[]): Hostile[] => of("javascript", "program", lines);
export const pythonFunctions = (lines: readonly Line[]): Hostile[] => of("python", "function", lines);
export const pythonPrograms = (lines: readonly Line[]): Hostile[] => of("python", "program", lines);
