/** Which writing a text is in, stretch by stretch. */

/** Writings, by the names of Unicode. Kana and Han are both Japanese where they stand together. */
export const SCRIPTS = [
  ...["Latin", "Han", "Kana", "Hangul", "Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Bengali", "Thai"],
  ...["Tamil", "Telugu", "Georgian", "Armenian", "Khmer", "Myanmar", "Lao"],
] as const;
export type Script = (typeof SCRIPTS)[number];

const CLASS = (script: Script) =>
  script === "Kana" ? "[\\p{Script=Hiragana}\\p{Script=Katakana}]" : `\\p{Script=${script}}`;
const LETTERS: ReadonlyMap<Script, RegExp> = new Map(
  SCRIPTS.map((script) => [script, new RegExp(CLASS(script), "gu")]),
);
/** A stretch of one writing, with what may stand between its words. */
const STRETCHES: ReadonlyMap<Script, RegExp> = new Map(
  SCRIPTS.map((script) => {
    const one = CLASS(script);
    return [script, new RegExp(`${one}(?:[\\p{M}\\p{Zs}\\d'’,.:;!?，。：；！？、—-]*${one})*`, "gu")];
  }),
);

/** How many letters of each writing there are, the most first; writings without any are left out. */
export function lettersOf(text: string): [Script, number][] {
  return [...LETTERS]
    .map(([script, letters]): [Script, number] => [script, text.match(letters)?.length ?? 0])
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
}

/** The stretches of one writing. */
export function stretchesOf(text: string, script: Script): { readonly text: string; readonly at: number }[] {
  return [...text.matchAll(STRETCHES.get(script)!)].map((match) => ({ text: match[0], at: match.index }));
}

/** How many letters of a writing a text has. */
export function countLetters(text: string, script: Script): number {
  return text.match(LETTERS.get(script)!)?.length ?? 0;
}
