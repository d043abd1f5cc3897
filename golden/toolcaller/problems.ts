/** What the figures ask for: held-out turns by what is due in them, and questions of one sort alone. */
import { type Expression, expression, long, pair, type Sign } from "../../src/training/tasks/agent/expressions.ts";
import { problemOf } from "../../src/training/tasks/agent/episode.ts";
import { calling } from "../../src/training/tasks/agent/sums.ts";
import { asSigns, ask, UNTAUGHT } from "../../src/training/tasks/agent/wordings.ts";
import { Dice } from "../../src/training/tasks/dice.ts";
import { type Language, type Problem, splitOf } from "../../src/training/tasks/problem.ts";
import { CALCULATOR } from "../../src/training/tasks/tools.ts";

/** What a turn is about, as the card names it, in the card's order. */
export const TURNS = {
  copy: "the call, no tools described",
  call: "the call",
  again: "the call once more, after an error",
  tell: "the answer, told the result",
  order: "the answer, where somebody's order stands in the result",
  silent: "that no result was told",
  idle: "that it was asked for no sum",
  files: "a turn in the file system",
  shop: "a turn in the shop",
  grid: "a turn in the grid",
} as const;
export type Turn = keyof typeof TURNS;

/** What is due in the turn that a problem asks for. */
export function turnOf({ kind, key, messages, check }: Problem): Turn {
  if (kind === "copy") return "copy";
  const world = /^(files|shop|grid)\//.exec(key)?.[1];
  if (world !== undefined) return world as Turn;
  if (key.split(";").at(-1)!.startsWith('"')) return "idle";
  const { role, content } = messages.at(-1)!;
  const told = String(content);
  if (check.type === "calls") return role === "user" && !told.startsWith("<tool_response>") ? "call" : "again";
  if (told === "The call has arrived.") return "silent";
  return check.type === "answer" && told !== check.answer ? "order" : "tell";
}

/** A question as it is put, with the expression that is to be called. */
export interface Question {
  readonly language: Language;
  readonly drawn: Expression;
  readonly question: string;
  readonly call: string;
}

type Draw = (dice: Dice, language: Language) => Omit<Question, "language">;

/** Held-out questions, one half in each language. */
export function questions(name: string, count: number, draw: Draw): Question[] {
  const dice = new Dice(1, `toolcaller/${name}`);
  const found: Question[] = [];
  while (found.length < count) {
    const language = found.length % 2 === 0 ? "en" : "zh";
    const one = draw(dice, language);
    if (splitOf(one.drawn.key) === "test") found.push({ language, ...one });
  }
  return found;
}

/** Anything that is taught, in any wording. */
export const taught: Draw = (dice, language) => {
  const drawn = expression(dice);
  return { drawn, ...ask(dice, drawn, language) };
};

/** Signs as the card names them. */
export const IN_WORDS = { plus: "+", minus: "-", times: "*", "divided by": "/" } as const satisfies Record<string, Sign>;

/** Two numbers of two to five digits, the sign said in words. */
export const inWords =
  (sign: Sign): Draw =>
  (dice, language) => {
    for (;;) {
      const drawn = pair(ofDigits(dice, dice.between(2, 5)), sign, ofDigits(dice, dice.between(2, 5)));
      const asked = ask(dice, drawn, language);
      if (!/[-+*/\u00d7\u00f7]/.test(asked.question)) return { drawn, ...asked };
    }
  };

/** In words that nobody has taught. */
export const untaught: Draw = (dice, language) => {
  const drawn = expression(dice);
  return { drawn, ...asSigns(dice, drawn, dice.pick(UNTAUGHT[language])) };
};

const PLAIN: Readonly<Record<Language, (e: string) => string>> = {
  en: (e) => `What is ${e}?`,
  zh: (e) => `${e} 等于多少？`,
};
const SIGNS: readonly Sign[] = ["+", "-", "*"];

function ofDigits(dice: Dice, digits: number): string {
  const first = dice.between(1, 9);
  return `${first}${Array.from({ length: digits - 1 }, () => dice.below(10)).join("")}`;
}

/** Two numbers of so many digits. Seven were taught. */
export const digits =
  (count: number): Draw =>
  (dice, language) => {
    const drawn = pair(ofDigits(dice, count), dice.pick(SIGNS), ofDigits(dice, count));
    return { drawn, ...asSigns(dice, drawn, PLAIN[language]) };
  };

/** So many numbers of any taught length, without brackets. Four were taught. */
export const numbers =
  (count: number): Draw =>
  (dice, language) => {
    for (;;) {
      const parts = Array.from({ length: count }, () => long(dice).parts[0]!).flatMap((part, i) =>
        i === 0 ? [part] : [dice.pick(SIGNS), part],
      );
      const drawn: Expression = { parts, key: parts.join(""), value: undefined };
      if (splitOf(drawn.key) === "test") return { drawn, ...asSigns(dice, drawn, PLAIN[language]) };
    }
  };

/** A question as a problem: the turn that is due is the call. */
export function asProblem({ language, drawn, question, call }: Question): Problem {
  const turns = [calling([{ role: "user", content: question }], call, language, "call")];
  return problemOf({ key: drawn.key, language, tools: [CALCULATOR], turns }, 0);
}
