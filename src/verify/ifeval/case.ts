/** IFEval's instructions on case and language. */
import { isLower, isUpper } from "../python/text.ts";
import type { Arguments } from "./arguments.ts";
import { holds } from "./keywords.ts";
import { mayBe } from "./language.ts";
import { tokens } from "./tokens.ts";

/** So many words in capitals, as nltk cuts words: "I" is one. */
export function capitalWords(text: string, args: Arguments["change_case:capital_word_frequency"]): boolean {
  return holds(tokens(text).filter(isUpper).length, args.capital_relation, args.capital_frequency);
}

/** English, all in capitals. */
export function englishCapital(text: string): boolean {
  return isUpper(text) && mayBe(text, "en");
}

/** English, without a capital. */
export function englishLowercase(text: string): boolean {
  return isLower(text) && mayBe(text, "en");
}

/** All of it in this language. */
export function responseLanguage(text: string, { language }: Arguments["language:response_language"]): boolean {
  return mayBe(text, language);
}
