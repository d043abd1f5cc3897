/**
 * Mixing of languages, a known flaw of QwQ ("may mix languages or switch between them unexpectedly"): a stretch of a text
 * in another language than the rest.
 *
 * - Another writing is seen by its letters: two of Han, kana or Hangul; three of others; a word of four in Greek, whose
 *   single letters are mathematics. Latin within another writing counts from five words on: names, units and terms do not.
 * - Another language in the same writing is seen by a detector, sentence by sentence: where it is sure, of two sentences in
 *   a row, or of one of 80 letters.
 *
 * Not counted: code, formulas, addresses, quotations; and languages that the question is in, shows or names, since then they
 * are spoken of.
 *
 * cost     linear; the detector, which takes most of it, 10 to 100 microseconds a sentence
 * source   the model card of Qwen/QwQ-32B-Preview, "Limitations"
 */
import { namedLanguages } from "./language-names.ts";
import { countLetters, lettersOf, type Script, stretchesOf } from "./scripts.ts";

/** A stretch in another language. */
export interface Stretch {
  /** ISO 639-1 where that is known, else the writing. */
  readonly language: string;
  /** Its beginning. */
  readonly text: string;
  /** Where it begins, in UTF-16 units. */
  readonly at: number;
}

/** What is mixed. */
export interface Mixing {
  /** The language of most of the text, or its writing. */
  readonly main: string;
  readonly stretches: readonly Stretch[];
}

/** Says in which language a text is: ISO 639-1, and whether that is sure. */
export type Detect = (text: string) => { readonly language: string; readonly sure: boolean };

/** Letters of a sentence without which a detector guesses, and of one that counts by itself. */
const SENTENCE_LETTERS = 30;
const LONE_LETTERS = 80;
const LATIN_WORDS = 5;
const SHOWN = 80;
/** Stretches that are told; the rest is more of the same. */
const MOST_STRETCHES = 20;

/** What is mixed in a text that answers this question; undefined where nothing is. */
export function languageMixing(text: string, question: string, detect: Detect): Mixing | undefined {
  const plain = withoutQuotations(text);
  const all = lettersOf(plain);
  const main = all[0]?.[0];
  if (main === undefined) return undefined;
  const allowed = new Set([...scriptsOf(question), ...family(main, all)]);
  const named = namedLanguages(question);
  const others = all.filter(([script]) => !allowed.has(script) && !LANGUAGES[script]?.some((one) => named.has(one)));
  const written = others.flatMap(([script]) => foreign(plain, script));
  const { language, stretches } = sameWriting(plain, main, question, named, detect);
  const found = [...written, ...stretches].sort((a, b) => a.at - b.at).slice(0, MOST_STRETCHES);
  if (found.length === 0) return undefined;
  const shown = found.map((stretch) => ({ ...stretch, text: [...stretch.text].slice(0, SHOWN).join("") }));
  return { main: language, stretches: shown };
}

/** Languages that a writing may stand for, as questions name them. */
const LANGUAGES: Readonly<Partial<Record<Script, readonly string[]>>> = {
  Han: ["zh", "ja"],
  Kana: ["ja"],
  Hangul: ["ko"],
  Cyrillic: ["ru", "uk", "bg", "sr"],
  Greek: ["el"],
  Arabic: ["ar", "fa", "ur"],
  Hebrew: ["he"],
  Devanagari: ["hi"],
  Thai: ["th"],
};
/** The language of a writing that has only one that is common. */
const ONE: Readonly<Partial<Record<Script, string>>> = { Han: "zh", Kana: "ja", Hangul: "ko", Greek: "el", Thai: "th" };

/** Writings that belong together: Japanese has three. */
function family(main: Script, all: readonly [Script, number][]): Script[] {
  const count = (script: Script) => all.find(([one]) => one === script)?.[1] ?? 0;
  const japanese = count("Kana") * 10 > count("Han") && (main === "Han" || main === "Kana");
  return japanese ? ["Han", "Kana"] : [main];
}

/** Writings of which a text has more than a letter or two. */
function scriptsOf(text: string): Script[] {
  return lettersOf(text)
    .filter(([script, count]) => count >= (script === "Latin" ? 20 : 2))
    .map(([script]) => script);
}

/** The stretches of another writing that are long enough to be words. */
function foreign(text: string, script: Script): Stretch[] {
  return stretchesOf(text, script)
    .filter((stretch) => isSpeech(stretch.text, script))
    .map((stretch) => ({ language: ONE[script] ?? script, ...stretch }));
}

function isSpeech(text: string, script: Script): boolean {
  if (script === "Latin") return (text.match(/\p{Script=Latin}{2,}/gu)?.length ?? 0) >= LATIN_WORDS;
  if (script === "Greek") return /\p{Script=Greek}{4,}/u.test(text);
  return countLetters(text, script) >= (script === "Han" || script === "Kana" || script === "Hangul" ? 2 : 3);
}

/** Sentences in another language than most, in the main writing. */
function sameWriting(text: string, main: Script, question: string, named: ReadonlySet<string>, detect: Detect) {
  const sentences = [...text.matchAll(/[^.!?。！？\n]+[.!?。！？]*/g)].map((match) => {
    const letters = countLetters(match[0], main);
    const { language, sure } = letters < SENTENCE_LETTERS ? { language: "", sure: false } : detect(match[0]);
    return { text: match[0].trim(), at: match.index, letters, language: sure ? language : "" };
  });
  const language = mostly(sentences);
  const spoken = new Set([...named, language, detect(question).language, ""]);
  const known = sentences.filter((sentence) => sentence.language !== "");
  const stretches = known.filter((sentence, i) => {
    if (spoken.has(sentence.language) || ALIKE.some((pair) => pair.has(language) && pair.has(sentence.language)))
      return false;
    const twice = known[i - 1]?.language === sentence.language || known[i + 1]?.language === sentence.language;
    return twice || sentence.letters >= LONE_LETTERS;
  });
  return {
    language: language === "" ? (ONE[main] ?? main) : language,
    stretches: stretches.map(({ language: other, text: words, at }): Stretch => ({ language: other, text: words, at })),
  };
}

/** Languages that a detector takes for each other. */
const ALIKE: readonly ReadonlySet<string>[] = [
  new Set(["no", "da", "sv"]),
  new Set(["cs", "sk"]),
  new Set(["hr", "sr", "bs", "sl"]),
  new Set(["pt", "gl", "es", "ca"]),
  new Set(["id", "ms", "tl"]),
  new Set(["ru", "uk", "be", "bg", "mk"]),
];

/** The language that most letters are in. */
function mostly(sentences: readonly { readonly language: string; readonly letters: number }[]): string {
  const letters = new Map<string, number>();
  for (const { language, letters: count } of sentences) {
    if (language !== "") letters.set(language, (letters.get(language) ?? 0) + count);
  }
  return [...letters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}

/** Code, formulas, addresses and quotations as blanks, so that places stay where they are. */
function withoutQuotations(text: string): string {
  return text.replace(QUOTED, (found) => found.replace(/[^\n]/g, " "));
}

const QUOTED = new RegExp(
  [
    /```[^]*?(?:```|$)/,
    /`[^`\n]*`/,
    /\$\$[^]*?\$\$/,
    /\$[^$\n]{1,300}\$/,
    /\\\([^]{0,500}?\\\)|\\\[[^]{0,2000}?\\\]/,
    /https?:\/\/\S+/,
    /"[^"\n]{1,300}"|“[^”\n]{1,300}”|«[^»\n]{1,300}»|「[^」\n]{1,300}」|『[^』\n]{1,300}』|《[^》\n]{1,100}》/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);
