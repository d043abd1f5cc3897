/**
 * The first lesson of a caller: long expressions, asked for without the tools' schemas before them, to be called as they are. Nearly
 * every token of a reply is one of the question's, and stands near it: what a model learns here is to find its place in what
 * it copies and to say what follows there (induction: Olsson et al. 2022, arXiv 2209.11895).
 */
import type { Dice } from "../dice.ts";
import type { Problem } from "../problem.ts";
import { problemOf } from "./episode.ts";
import { long } from "./expressions.ts";
import { calling } from "./sums.ts";
import { asSigns, wording } from "./wordings.ts";

/** Draws a problem of any split. */
export function copy(dice: Dice): Problem {
  const language = dice.chance(0.5) ? "en" : "zh";
  const drawn = long(dice);
  const { question, call } = asSigns(dice, drawn, wording(dice, language));
  const turn = calling([{ role: "user", content: question }], call, language, "call");
  return problemOf({ key: drawn.key, language, tools: [], turns: [turn] }, 0, "copy");
}
