/** JSON as a language: the white space between its signs, objects and arrays of given parts, and any value at all. */
import { jsonString, STRING_CHARACTER } from "./characters.ts";
import {
  byte,
  choice,
  EMPTY,
  type Expression,
  literal,
  NEVER,
  optional,
  repeat,
  rule,
  sequence,
} from "./expression.ts";
import { NUMBER } from "./numbers.ts";

/**
 * White space is what printers of JSON write: nothing, a space, or a line break with the indentation of the next line.
 * Without a bound a model that has begun to indent may never stop.
 */
const SPACE = choice(EMPTY, literal(" "), sequence(literal("\n"), repeat(byte([0x09, 0x09], [0x20, 0x20]), 0, 32)));
/** Between two elements. */
export const COMMA: Expression = sequence(literal(","), SPACE);
/** Between a key and its value. */
export const COLON: Expression = sequence(literal(":"), optional(literal(" ")));

/** Something in its brackets. */
export function bracketed(open: string, inside: Expression, close: string): Expression {
  return sequence(literal(open), SPACE, inside, SPACE, literal(close));
}

export const STRING: Expression = sequence(literal('"'), repeat(STRING_CHARACTER), literal('"'));
export const BOOLEAN: Expression = choice(literal("true"), literal("false"));
export const NULL: Expression = literal("null");

/** Any value, and any of two kinds. */
export const ANY: Expression = rule(() => choice(ANY_OBJECT, ANY_ARRAY, STRING, NUMBER, BOOLEAN, NULL));
export const ANY_ARRAY: Expression = rule(() => arrayOf([], ANY, 0, Infinity));
export const ANY_OBJECT: Expression = rule(() => objectOf([], sequence(STRING, COLON, ANY)));

/** A key with its value, which must be there or may. */
export interface Member {
  readonly key: string;
  readonly value: Expression;
  readonly required: boolean;
}

/** An object: its members in their order, then so many others, each a key with its value. */
export function objectOf(members: readonly Member[], other: Expression, least = 0, most = Infinity): Expression {
  const more = (begun: boolean) => (begun ? repeat(sequence(COMMA, other), least, most) : listed(other, least, most));
  /** What may follow when `i` members have been passed over, and some, or none, written. */
  const made = new Map<string, Expression>();
  const from = (i: number, begun: boolean): Expression => {
    const key = `${i} ${begun}`;
    const known = made.get(key) ?? (i === members.length ? more(begun) : step(i, begun));
    made.set(key, known);
    return known;
  };
  const step = (i: number, begun: boolean): Expression => {
    const { key, value, required } = members[i]!;
    const written = sequence(begun ? COMMA : EMPTY, jsonString(key), COLON, value, from(i + 1, true));
    return required ? written : choice(written, from(i + 1, begun));
  };
  return bracketed("{", from(0, false), "}");
}

/** An array: its first elements, then so many of the others that there are at least `least` and at most `most`. */
export function arrayOf(first: readonly Expression[], other: Expression, least: number, most: number): Expression {
  const from = (i: number): Expression => {
    if (i >= most) return EMPTY;
    if (i === first.length) {
      return i === 0 ? listed(other, least, most) : repeat(sequence(COMMA, other), Math.max(0, least - i), most - i);
    }
    const written = sequence(i > 0 ? COMMA : EMPTY, first[i]!, from(i + 1));
    return i < least ? written : optional(written);
  };
  return most < least ? NEVER : bracketed("[", from(0), "]");
}

/** So many with commas between them. */
function listed(one: Expression, least: number, most: number): Expression {
  if (most === 0) return EMPTY;
  const some = sequence(one, repeat(sequence(COMMA, one), Math.max(0, least - 1), most - 1));
  return least === 0 ? optional(some) : some;
}
