/**
 * The tree of a Python expression, as far as calls with values in them need it: `ast.parse(text, mode="eval")`.
 *
 * source   CPython 3.11: Parser/Python.asdl, Grammar/python.gram
 */
import type { PyValue } from "./value.ts";

export type Node =
  | { readonly kind: "constant"; readonly value: PyValue }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "attribute"; readonly of: Node; readonly name: string }
  | { readonly kind: "subscript"; readonly of: Node; readonly index: Node }
  | { readonly kind: "slice"; readonly parts: readonly (Node | undefined)[] }
  | { readonly kind: "call"; readonly of: Node; readonly args: readonly Node[]; readonly keywords: readonly Keyword[] }
  | { readonly kind: "list" | "tuple" | "set"; readonly items: readonly Node[] }
  | { readonly kind: "dict"; readonly items: readonly (readonly [Node | undefined, Node])[] }
  | { readonly kind: "unary"; readonly operator: "+" | "-" | "~" | "not"; readonly of: Node }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: "starred"; readonly of: Node }
  /** What no value can come from: comparisons, conditions, comprehensions, lambdas. */
  | { readonly kind: "other"; readonly what: string };

/** `name=value`; without a name `**value`. */
export interface Keyword {
  readonly name: string | undefined;
  readonly value: Node;
}

/** How tightly operators bind, from the loosest. */
export const BINDS: Readonly<Record<string, number>> = {
  "|": 1,
  "^": 2,
  "&": 3,
  "<<": 4,
  ">>": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "//": 6,
  "%": 6,
  "@": 6,
};
/** Of signs, of `**`, and of calls and attributes. */
export const SIGN = 7;
export const POWER = 8;
export const ATOM = 9;
