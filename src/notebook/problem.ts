/** What can be wrong in a notebook, and how it is said. */

/** Something wrong in a notebook, with the line of its source. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  /** The cell's number, from 1, text cells counted; none for the notebook as a whole. */
  readonly cell?: number | undefined;
  readonly text: string;
}

/** Where a problem is, for people and editors: `03-rms-norm.ts:40: cell 6: ...`. */
export function problemText({ path, line, cell, text }: Problem): string {
  return `${path}:${line}: ${cell === undefined ? "" : `cell ${cell}: `}${text}`;
}
