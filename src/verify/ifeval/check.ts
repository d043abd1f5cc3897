/**
 * Instruction following: whether a reply does what the prompt says about its form.
 *
 *   strict   the reply as it is
 *   loose    the reply, or the reply without its first line, its last or both, each also without stars
 *
 * An empty reply follows nothing. The prompt is followed where each of its instructions is.
 *
 * source   Zhou et al. 2023 (arXiv 2311.07911) 3; lm-eval 0.4.13 tasks/ifeval/utils.py and instructions.py
 */
import { strip } from "../python/text.ts";
import type { Arguments, Instruction, InstructionId } from "./arguments.ts";
import { capitalWords, englishCapital, englishLowercase, responseLanguage } from "./case.ts";
import {
  constrainedResponse,
  endsWith,
  jsonFormat,
  multipleSections,
  postscript,
  quotation,
  repeatPrompt,
  twoResponses,
} from "./form.ts";
import { forbiddenWords, hasKeywords, keywordFrequency, letterFrequency, noComma } from "./keywords.ts";
import { nthParagraph, numberParagraphs, numberSentences, numberWords } from "./length.ts";
import { countBullets, countHighlights, countPlaceholders, hasTitle } from "./lines.ts";

const CHECKS: { readonly [I in InstructionId]: (text: string, args: Arguments[I]) => boolean } = {
  "keywords:existence": hasKeywords,
  "keywords:frequency": keywordFrequency,
  "keywords:forbidden_words": forbiddenWords,
  "keywords:letter_frequency": letterFrequency,
  "language:response_language": responseLanguage,
  "length_constraints:number_sentences": numberSentences,
  "length_constraints:number_paragraphs": numberParagraphs,
  "length_constraints:number_words": numberWords,
  "length_constraints:nth_paragraph_first_word": nthParagraph,
  "detectable_content:number_placeholders": (text, args) => countPlaceholders(text) >= args.num_placeholders,
  "detectable_content:postscript": postscript,
  "detectable_format:number_bullet_lists": (text, args) => countBullets(text) === args.num_bullets,
  "detectable_format:constrained_response": constrainedResponse,
  "detectable_format:number_highlighted_sections": (text, args) => countHighlights(text) >= args.num_highlights,
  "detectable_format:multiple_sections": multipleSections,
  "detectable_format:json_format": jsonFormat,
  "detectable_format:title": hasTitle,
  "combination:two_responses": twoResponses,
  "combination:repeat_prompt": repeatPrompt,
  "startend:end_checker": endsWith,
  "startend:quotation": quotation,
  "change_case:capital_word_frequency": capitalWords,
  "change_case:english_capital": englishCapital,
  "change_case:english_lowercase": englishLowercase,
  "punctuation:no_comma": noComma,
};

/** Which instructions are followed, in their order. */
export interface Following {
  readonly strict: readonly boolean[];
  readonly loose: readonly boolean[];
}

/** Whether a reply follows each instruction. */
export function checkInstructions(reply: string, instructions: readonly Instruction[]): Following {
  const variants = looseVariants(reply);
  const strict = instructions.map((instruction) => follows(reply, instruction));
  // the first variant is the reply itself
  const loose = instructions.map(
    (instruction, index) => strict[index]! || variants.slice(1).some((variant) => follows(variant, instruction)),
  );
  return { strict, loose };
}

/** Whether a text follows one instruction. */
export function follows(text: string, { id, args }: Instruction): boolean {
  return strip(text) !== "" && (CHECKS[id] as (text: string, args: unknown) => boolean)(text, args);
}

/** The texts of which one must follow an instruction, each once. */
function looseVariants(reply: string): string[] {
  const lines = reply.split("\n");
  const cut = [lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((part) => strip(part.join("\n")));
  const texts = [reply, ...cut];
  return [...new Set([...texts, ...texts.map((text) => text.replaceAll("*", ""))])];
}
