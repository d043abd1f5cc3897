/**
 * Text as Python sees it. The official graders are written in Python, and their verdicts hang on what its `str` and `re`
 * take for white space, a letter or a capital, which is not what JavaScript takes.
 *
 * numbers  Unicode's tables are those of Node (15 or later); CPython 3.11 has those of 14. They differ in letters that
 *          were added since
 * source   CPython 3.11: Objects/unicodectype.c, Modules/_sre
 */

/** `\s` inside a class: what `str.isspace` says yes to. JavaScript's also has U+FEFF and lacks U+001C to U+001F, U+0085. */
export const SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

/** `\w` inside a class: letters, numbers, the underscore. No marks: a word of Hindi is several. */
export const WORD = String.raw`\p{L}\p{N}_`;

const SPACES = new RegExp(`[${SPACE}]+`, "g");
const IS_SPACE = new RegExp(`^[${SPACE}]$`);

/** Whether one character is white space. */
export function isSpace(character: string): boolean {
  return IS_SPACE.test(character);
}

/** `str.strip`: without white space at both ends, or without these characters. */
export function strip(text: string, characters?: string): string {
  return stripEnd(stripStart(text, characters), characters);
}

/** `str.lstrip`. */
export function stripStart(text: string, characters?: string): string {
  let from = 0;
  while (from < text.length && goes(text[from]!, characters)) from++;
  return text.slice(from);
}

/** `str.rstrip`. */
export function stripEnd(text: string, characters?: string): string {
  let to = text.length;
  while (to > 0 && goes(text[to - 1]!, characters)) to--;
  return text.slice(0, to);
}

function goes(character: string, characters: string | undefined): boolean {
  return characters === undefined ? isSpace(character) : characters.includes(character);
}

/** `str.split()`: what stands between runs of white space. */
export function splitSpace(text: string): string[] {
  return text.split(SPACES).filter((part) => part !== "");
}

/** `str.removeprefix`. */
export function removePrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** `str.removesuffix`. */
export function removeSuffix(text: string, suffix: string): string {
  return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

/** `str.isupper`: something has a case, and nothing is in another than upper case. */
export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/** `str.islower`. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}
