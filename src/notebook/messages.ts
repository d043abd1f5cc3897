/** What the process that evaluates cells and the one that asks it say to each other. */

/** One value in several forms, by media type, as Jupyter has it. */
export type Bundle = Readonly<Record<string, string>>;

/** What a cell put out, in order. */
export type Output =
  | { readonly type: "stream"; readonly name: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "display"; readonly data: Bundle }
  | { readonly type: "result"; readonly data: Bundle }
  | { readonly type: "error"; readonly fault: Fault };

/** Why a cell failed. */
export interface Fault {
  readonly name: string;
  readonly message: string;
  /** Where in the notebook's cells, innermost first: the cell's number from 0, and the line in it from 1. */
  readonly places: readonly { readonly cell: number; readonly line: number }[];
}

export type Asked =
  | { readonly type: "run"; readonly cell: number; readonly code: string }
  | { readonly type: "interrupt" }
  | { readonly type: "end" };

export type Told =
  | { readonly type: "ready" }
  | { readonly type: "output"; readonly output: Output }
  /** Something that a cell left behind threw: a timer, a promise that nobody awaits. */
  | { readonly type: "late"; readonly fault: Fault }
  | { readonly type: "done" }
  | { readonly type: "drained" };

/** What a value that knows how to show itself has, as in Deno: a method that gives its forms. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;
/** Where `show` finds whom to tell. */
export const SHOWN: unique symbol = Symbol.for("qwq.show") as never;
/** The global function that imports from the notebook's folder. */
export const IMPORT = "__import";
