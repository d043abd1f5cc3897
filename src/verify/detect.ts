/** The language of a text, by the n-grams of a library. */
import { eld } from "eld/small";
import type { Detect } from "./mixing.ts";

/** Languages by ISO 639-1; sure where the library calls its own answer reliable. */
export const detectLanguage: Detect = (text) => {
  const found = eld.detect(text);
  return { language: found.language, sure: found.isReliable() };
};
