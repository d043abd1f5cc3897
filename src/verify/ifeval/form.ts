/** IFEval's instructions on form: sections, lists, titles, postscripts, JSON, beginnings and ends. */
import { isJson } from "../python/json.ts";
import { readPattern } from "../python/pattern.ts";
import { removePrefix, removeSuffix, SPACE, strip } from "../python/text.ts";
import type { Arguments } from "./arguments.ts";

const ANSWERS = ["My answer is yes.", "My answer is no.", "My answer is maybe."];

/** One of three answers is there. */
export function constrainedResponse(text: string): boolean {
  return ANSWERS.some((answer) => text.includes(answer));
}

/** So many sections or more, each begun by the word and a number: "Section 1". */
export function multipleSections(text: string, args: Arguments["detectable_format:multiple_sections"]): boolean {
  const after = String.raw`[${SPACE}]?\p{Nd}+[${SPACE}]?`;
  const pattern = readPattern(strip(args.section_spliter), { before: `[${SPACE}]?`, after });
  return pattern.count(text) >= args.num_sections;
}

const P_S = new RegExp(String.raw`p\.[${SPACE}]?s\.`, "u");
const P_P_S = new RegExp(String.raw`p\.[${SPACE}]?p\.[${SPACE}]?s`, "u");

/** The marker of a postscript is there, anywhere, in any case. */
export function postscript(
  text: string,
  { postscript_marker: given }: Arguments["detectable_content:postscript"],
): boolean {
  const marker = strip(given);
  const lower = text.toLowerCase();
  if (marker === "P.P.S") return P_P_S.test(lower);
  return marker === "P.S." ? P_S.test(lower) : readPattern(marker.toLowerCase()).found(lower);
}

/** All of it is JSON, perhaps in a block of code. */
export function jsonFormat(text: string): boolean {
  const prefixes = ["```json", "```Json", "```JSON", "```"];
  const body = prefixes.reduce((rest, prefix) => removePrefix(rest, prefix), strip(text));
  return isJson(strip(removeSuffix(body, "```")));
}

/** Two responses that differ, with six stars between them. */
export function twoResponses(text: string): boolean {
  const parts = text.split("******").map((part) => strip(part));
  if (parts.slice(1, -1).includes("")) return false;
  const full = parts.filter((part) => part !== "");
  return full.length === 2 && full[0] !== full[1];
}

/** It begins with the request, in any case. */
export function repeatPrompt(text: string, args: Arguments["combination:repeat_prompt"]): boolean {
  return strip(text).toLowerCase().startsWith(strip(args.prompt_to_repeat).toLowerCase());
}

/** It ends with the phrase, in any case, perhaps in double quotes. */
export function endsWith(text: string, args: Arguments["startend:end_checker"]): boolean {
  return strip(strip(text), '"').toLowerCase().endsWith(strip(args.end_phrase).toLowerCase());
}

/** It stands in double quotes. */
export function quotation(text: string): boolean {
  const body = strip(text);
  return body.length > 1 && body.startsWith('"') && body.endsWith('"');
}
