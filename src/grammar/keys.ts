/** Keys of members that a schema does not name, so that no key comes twice. */
import { complement, PLAIN_CHARACTER, type Range, utf8 } from "./characters.ts";
import { choice, EMPTY, type Expression, literal, NEVER, repeat, sequence } from "./expression.ts";
import { STRING } from "./json.ts";

/** What keys may hold beside the next letters of the named ones. */
const NOT_PLAIN: readonly Range[] = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];

/** A key that is none of these. It has no escapes, by which one of them could be spelled in another way. */
export function otherKeys(named: readonly string[]): Expression {
  if (named.length === 0) return STRING;
  return sequence(literal('"'), unlike(named.map((key) => [...key])), literal('"'));
}

/** Texts that are none of these, letter by letter. */
function unlike(named: readonly (readonly string[])[]): Expression {
  const first = new Map<string, (readonly string[])[]>();
  for (const [letter, ...rest] of named) {
    if (letter !== undefined) first.set(letter, [...(first.get(letter) ?? []), rest]);
  }
  const taken = [...first.keys()].map(point);
  const another = sequence(utf8(complement([...NOT_PLAIN, ...taken])), repeat(PLAIN_CHARACTER));
  const follow = [...first].map(([letter, rests]) => sequence(utf8([point(letter)]), unlike(rests)));
  return choice(named.some(({ length }) => length === 0) ? NEVER : EMPTY, another, ...follow);
}

function point(letter: string): Range {
  return [letter.codePointAt(0)!, letter.codePointAt(0)!];
}
