/** What may be wrong with a reply, as the server tells it. */
import type { Flaw } from "../verify/flaws.ts";
import { languageMixing } from "../verify/mixing.ts";

/** Mixing is looked for in so much of the thoughts, their end. */
const MOST_CHARACTERS = 100_000;

/** Mixing of languages in the thoughts about a question; the detector is read when it is first needed. */
export async function mixingIn(thoughts: string, question: string): Promise<Flaw[]> {
  if (thoughts === "") return [];
  const { detectLanguage } = await import("../verify/detect.ts");
  const mixing = languageMixing(thoughts.slice(-MOST_CHARACTERS), question.slice(-MOST_CHARACTERS), detectLanguage);
  return mixing === undefined ? [] : [{ type: "language_mixing", ...mixing }];
}
