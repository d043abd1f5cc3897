/** What IFEval's instructions take: 25 types, each with its arguments, read from a line of the benchmark's data. */
import { UsageError } from "../../errors.ts";

export type Relation = "less than" | "at least";

/** Arguments by type of instruction. */
export interface Arguments {
  readonly "keywords:existence": { readonly keywords: readonly string[] };
  readonly "keywords:frequency": { readonly keyword: string; readonly frequency: number; readonly relation: Relation };
  readonly "keywords:forbidden_words": { readonly forbidden_words: readonly string[] };
  readonly "keywords:letter_frequency": {
    readonly letter: string;
    readonly let_frequency: number;
    readonly let_relation: Relation;
  };
  readonly "language:response_language": { readonly language: string };
  readonly "length_constraints:number_sentences": { readonly num_sentences: number; readonly relation: Relation };
  readonly "length_constraints:number_paragraphs": { readonly num_paragraphs: number };
  readonly "length_constraints:number_words": { readonly num_words: number; readonly relation: Relation };
  readonly "length_constraints:nth_paragraph_first_word": {
    readonly num_paragraphs: number;
    readonly nth_paragraph: number;
    readonly first_word: string;
  };
  readonly "detectable_content:number_placeholders": { readonly num_placeholders: number };
  readonly "detectable_content:postscript": { readonly postscript_marker: string };
  readonly "detectable_format:number_bullet_lists": { readonly num_bullets: number };
  readonly "detectable_format:constrained_response": NoArguments;
  readonly "detectable_format:number_highlighted_sections": { readonly num_highlights: number };
  readonly "detectable_format:multiple_sections": { readonly section_spliter: string; readonly num_sections: number };
  readonly "detectable_format:json_format": NoArguments;
  readonly "detectable_format:title": NoArguments;
  readonly "combination:two_responses": NoArguments;
  readonly "combination:repeat_prompt": { readonly prompt_to_repeat: string };
  readonly "startend:end_checker": { readonly end_phrase: string };
  readonly "startend:quotation": NoArguments;
  readonly "change_case:capital_word_frequency": {
    readonly capital_frequency: number;
    readonly capital_relation: Relation;
  };
  readonly "change_case:english_capital": NoArguments;
  readonly "change_case:english_lowercase": NoArguments;
  readonly "punctuation:no_comma": NoArguments;
}

export type NoArguments = Readonly<Record<never, never>>;

export type InstructionId = keyof Arguments;

/** An instruction with what it takes. */
export type Instruction = {
  readonly [I in InstructionId]: { readonly id: I; readonly args: Arguments[I] };
}[InstructionId];

type Kind = "text" | "texts" | "count" | "relation";

/** The arguments of each type, and what each is. */
const TAKES: { readonly [I in InstructionId]: Readonly<Record<keyof Arguments[I], Kind>> } = {
  "keywords:existence": { keywords: "texts" },
  "keywords:frequency": { keyword: "text", frequency: "count", relation: "relation" },
  "keywords:forbidden_words": { forbidden_words: "texts" },
  "keywords:letter_frequency": { letter: "text", let_frequency: "count", let_relation: "relation" },
  "language:response_language": { language: "text" },
  "length_constraints:number_sentences": { num_sentences: "count", relation: "relation" },
  "length_constraints:number_paragraphs": { num_paragraphs: "count" },
  "length_constraints:number_words": { num_words: "count", relation: "relation" },
  "length_constraints:nth_paragraph_first_word": {
    num_paragraphs: "count",
    nth_paragraph: "count",
    first_word: "text",
  },
  "detectable_content:number_placeholders": { num_placeholders: "count" },
  "detectable_content:postscript": { postscript_marker: "text" },
  "detectable_format:number_bullet_lists": { num_bullets: "count" },
  "detectable_format:constrained_response": {},
  "detectable_format:number_highlighted_sections": { num_highlights: "count" },
  "detectable_format:multiple_sections": { section_spliter: "text", num_sections: "count" },
  "detectable_format:json_format": {},
  "detectable_format:title": {},
  "combination:two_responses": {},
  "combination:repeat_prompt": { prompt_to_repeat: "text" },
  "startend:end_checker": { end_phrase: "text" },
  "startend:quotation": {},
  "change_case:capital_word_frequency": { capital_frequency: "count", capital_relation: "relation" },
  "change_case:english_capital": {},
  "change_case:english_lowercase": {},
  "punctuation:no_comma": {},
};

/** All types. */
export const INSTRUCTIONS = Object.keys(TAKES) as InstructionId[];

const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string" && value !== "",
  texts: (value) => Array.isArray(value) && value.length > 0 && value.every((item) => IS.text(item)),
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  relation: (value) => value === "less than" || value === "at least",
};

const WANTED: Readonly<Record<Kind, string>> = {
  text: "a text",
  texts: "an array of texts",
  count: "a whole number",
  relation: '"less than" or "at least"',
};

/**
 * Reads an instruction. Arguments that its type does not take are left out, as the official data has all of them, null.
 *
 * throws   UsageError E_TASK where the type is none of the 25, or an argument is missing or of another kind
 */
export function readInstruction(id: string, kwargs: Readonly<Record<string, unknown>>): Instruction {
  if (!Object.hasOwn(TAKES, id)) {
    const expected = `one of IFEval's ${INSTRUCTIONS.length} instructions`;
    throw new UsageError("E_TASK", "instruction_id_list", { expected, actual: JSON.stringify(id), hint: HINT });
  }
  const args: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(TAKES[id as InstructionId]) as [string, Kind][]) {
    const value = kwargs[name];
    if (!IS[kind](value)) {
      const actual = value === undefined ? "none" : JSON.stringify(value).slice(0, 60);
      throw new UsageError("E_TASK", `${id}: ${name}`, { expected: WANTED[kind], actual, hint: HINT });
    }
    args[name] = value;
  }
  return { id, args } as unknown as Instruction;
}

const HINT = "Mend the line of the benchmark's data.";
