/**
 * Names and excerpts from files, made safe to print: a file may hold anything, an error message may not.
 */

/** Control, formatting (bidirectional marks too), unassigned and private characters, and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text in double quotes with everything unprintable as \u{...}, cut after 80 characters. */
export function quote(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  const escaped = cut.replace(/["\\]/g, "\\$&");
  return `"${escaped.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)}"`;
}
