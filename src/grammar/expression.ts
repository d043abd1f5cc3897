/**
 * Languages of bytes, put together from small ones: the bytes of a set, one language after another, one of several, one
 * many times, and rules that may contain themselves.
 */

/** Which of the 256 bytes. */
export type ByteSet = Uint8Array;

/** A language of bytes. Each has a number of its own, so that states can be told apart by it. */
export type Expression = { readonly id: number } & (
  | { readonly kind: "empty" | "never" }
  | { readonly kind: "byte"; readonly set: ByteSet }
  | { readonly kind: "then"; readonly first: Expression; readonly rest: Expression }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly inner: Expression; readonly least: number; readonly most: number }
  | {
      readonly kind: "rule";
      /** What it stands for, worked out when it is first asked for. */
      readonly body: () => Expression;
    }
);

let count = 0;
const next = () => count++;

/** The empty text. */
export const EMPTY: Expression = { id: next(), kind: "empty" };
/** No text at all. */
export const NEVER: Expression = { id: next(), kind: "never" };

/** One byte of a set, given by ranges. */
export function byte(...ranges: readonly (readonly [first: number, last: number])[]): Expression {
  const set = new Uint8Array(256);
  for (const [first, last] of ranges) set.fill(1, first, last + 1);
  return set.includes(1) ? { id: next(), kind: "byte", set } : NEVER;
}

const SINGLE = Array.from({ length: 256 }, (_, one) => byte([one, one]));

/** One after another. */
export function sequence(...parts: readonly Expression[]): Expression {
  return parts.reduceRight<Expression>((rest, first) => {
    if (first.kind === "empty") return rest;
    if (first.kind === "never" || rest.kind === "never") return NEVER;
    return rest.kind === "empty" ? first : { id: next(), kind: "then", first, rest };
  }, EMPTY);
}

/** One of several. */
export function choice(...options: readonly Expression[]): Expression {
  const able = [...new Set(options)].filter(({ kind }) => kind !== "never");
  if (able.length <= 1) return able[0] ?? NEVER;
  return { id: next(), kind: "choice", options: able };
}

/** So many times; `most` may be Infinity. */
export function repeat(inner: Expression, least = 0, most = Infinity): Expression {
  if (most < least) return NEVER;
  if (most === 0 || inner.kind === "empty") return EMPTY;
  if (inner.kind === "never") return least === 0 ? EMPTY : NEVER;
  return least === 1 && most === 1 ? inner : { id: next(), kind: "repeat", inner, least, most };
}

/** Once or not at all. */
export function optional(inner: Expression): Expression {
  return choice(inner, EMPTY);
}

/** A language that is worked out when it is needed, and so may be a part of itself. */
export function rule(make: () => Expression): Expression {
  let made: Expression | undefined;
  return { id: next(), kind: "rule", body: () => (made ??= make()) };
}

/** The UTF-8 of a text. */
export function literal(text: string): Expression {
  return sequence(...[...new TextEncoder().encode(text)].map((one) => SINGLE[one]!));
}
