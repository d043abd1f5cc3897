/**
 * Rule verifiers: what can be asked of a reply and checked without knowing what it means. Length, words, form, language.
 *
 * Rules look at the answer alone, but for "thoughts". A reply whose thoughts never end, or that says nothing after them,
 * keeps no rule: otherwise silence would keep all those that forbid.
 */
import { QwqError } from "../errors.ts";
import { type Json, JsonNumber, readJson } from "../json/json.ts";
import { parseReply } from "../text/reply.ts";
import { answerOf } from "./answer.ts";
import { no, RIGHT, type Verdict } from "./verdict.ts";

export type Language = "en" | "zh";

/** How items are told apart. */
export type Separator = "comma" | "line" | "json";

export type Rule =
  /** Words of the answer: runs of letters and digits, each Chinese character by itself. */
  | { readonly rule: "words"; readonly min?: number; readonly max?: number }
  /** Lines that are not empty. */
  | { readonly rule: "lines"; readonly min?: number; readonly max?: number }
  /** The text is there, as a whole word where it is one, without regard to case. */
  | { readonly rule: "contains"; readonly text: string }
  | { readonly rule: "absent"; readonly text: string }
  | { readonly rule: "starts"; readonly text: string }
  | { readonly rule: "ends"; readonly text: string }
  | { readonly rule: "case"; readonly is: "upper" | "lower" }
  /** English has no Chinese characters; Chinese has more of them than Latin letters. */
  | { readonly rule: "language"; readonly is: Language }
  /** The same of the thoughts, which may also have no words at all. */
  | { readonly rule: "thoughts"; readonly is: Language }
  /** One JSON object with these fields and no others. */
  | { readonly rule: "fields"; readonly are: Readonly<Record<string, string | number | boolean>> }
  /** So many of these, no two the same, and nothing else. */
  | { readonly rule: "items"; readonly of: readonly string[]; readonly count: number; readonly by: Separator }
  /** This word so many times, and nothing else. */
  | { readonly rule: "repeats"; readonly text: string; readonly count: number };

/** Whether a reply keeps all rules; the detail names every one that is broken. */
export function checkRules(reply: string, rules: readonly Rule[]): Verdict {
  const broken = brokenRules(reply, rules);
  if (!Array.isArray(broken)) return broken;
  return broken.length === 0 ? RIGHT : no("broken", broken.join(" "));
}

/** The share of the rules that a reply keeps; 0 where it has no answer to look at. */
export function shareKept(reply: string, rules: readonly Rule[]): number {
  const broken = brokenRules(reply, rules);
  return Array.isArray(broken) ? 1 - broken.length / rules.length : 0;
}

/** A sentence for each rule that is broken; or the verdict of a reply that has no answer to look at. */
export function brokenRules(reply: string, rules: readonly Rule[]): string[] | Verdict {
  const found = answerOf(reply);
  if (!("answer" in found)) return found;
  const { thinking } = parseReply(reply, { opened: true, toolCalls: false });
  return rules.flatMap((rule) => {
    const why =
      rule.rule === "thoughts"
        ? wrongLanguage(thinking, rule.is, true)
        : BREAKS[rule.rule](found.answer, rule as never);
    return why === undefined ? [] : [why];
  });
}

type Named<R extends Rule["rule"]> = Extract<Rule, { readonly rule: R }>;

/** Why an answer breaks a rule; `undefined` where it does not. */
const BREAKS: {
  readonly [R in Exclude<Rule["rule"], "thoughts">]: (answer: string, rule: Named<R>) => string | undefined;
} = {
  words: (answer, rule) => outside(words(answer).length, rule, "words"),
  lines: (answer, rule) => outside(lines(answer).length, rule, "lines"),
  contains: (answer, { text }) => (has(answer, text) ? undefined : `It does not contain ${JSON.stringify(text)}.`),
  absent: (answer, { text }) => (has(answer, text) ? `It contains ${JSON.stringify(text)}.` : undefined),
  starts: (answer, { text }) =>
    answer.startsWith(text) ? undefined : `It does not start with ${JSON.stringify(text)}.`,
  ends: (answer, { text }) => (answer.endsWith(text) ? undefined : `It does not end with ${JSON.stringify(text)}.`),
  case: (answer, { is }) => {
    const wanted = is === "upper" ? answer.toUpperCase() : answer.toLowerCase();
    const cased = answer.toUpperCase() !== answer.toLowerCase();
    return cased && answer === wanted ? undefined : `It is not in ${is} case.`;
  },
  language: (answer, { is }) => wrongLanguage(answer, is, false),
  fields: (answer, { are }) => wrongFields(answer, are),
  items: wrongItems,
  repeats: (answer, { text, count }) => {
    const found = /^[\x20-\x7e]+$/.test(text)
      ? answer.split(/\s+/)
      : [...answer.replace(/\s+/g, "").matchAll(pieces(text))].map(String);
    const same = found.every((word) => word === text);
    return same && found.length === count ? undefined : `It is not ${JSON.stringify(text)} ${count} times.`;
  },
};

/** The text in pieces as long as this one. */
function pieces(text: string): RegExp {
  return new RegExp(`[^]{1,${text.length}}`, "g");
}

function outside(
  count: number,
  { min = 0, max = Infinity }: { min?: number; max?: number },
  what: string,
): string | undefined {
  if (count < min) return `It has ${count} ${what}, not ${min} or more.`;
  return count > max ? `It has ${count} ${what}, not ${max} or fewer.` : undefined;
}

/** Words as people count them: a contraction is one, and so is each Chinese character. */
export function words(text: string): string[] {
  return (
    text.match(
      /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:['\u2019-](?:(?!\p{Script=Han})[\p{L}\p{N}])+)*/gu,
    ) ?? []
  );
}

/** Lines that have something on them. */
function lines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

/** Whether the text is there; where it begins or ends in a Latin letter or digit, nothing of the kind goes on. */
function has(answer: string, text: string): boolean {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const before = /^[\p{Script=Latin}\p{N}]/u.test(text) ? "(?<![\\p{Script=Latin}\\p{N}])" : "";
  const after = /[\p{Script=Latin}\p{N}]$/u.test(text) ? "(?![\\p{Script=Latin}\\p{N}])" : "";
  return new RegExp(before + escaped + after, "iu").test(answer);
}

function wrongLanguage(text: string, is: Language, mayBeNone: boolean): string | undefined {
  const chinese = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const name = mayBeNone ? "The thoughts are" : "It is";
  if (mayBeNone && chinese + latin === 0) return undefined;
  if (is === "en") return chinese === 0 && latin > 0 ? undefined : `${name} not in English.`;
  return chinese > latin ? undefined : `${name} not in Chinese.`;
}

function wrongFields(answer: string, are: Readonly<Record<string, string | number | boolean>>): string | undefined {
  const json = parsed(answer);
  if (!(json instanceof Map)) return "It is not a JSON object.";
  const wrong = Object.entries(are).filter(([key, value]) => scalar(json.get(key)) !== value);
  if (wrong.length > 0) return `Its ${JSON.stringify(wrong[0]![0])} is not ${JSON.stringify(wrong[0]![1])}.`;
  const more = [...json.keys()].filter((key) => !Object.hasOwn(are, key));
  return more.length > 0
    ? `It has a field ${JSON.stringify(more[0]!.slice(0, 40))} that was not asked for.`
    : undefined;
}

function wrongItems(answer: string, { of, count, by }: Named<"items">): string | undefined {
  const items = split(answer, by);
  if (items === undefined) return "It is not a JSON array of texts.";
  if (items.length !== count) return `It has ${items.length} items, not ${count}.`;
  const known = new Set(of.map((item) => item.toLowerCase()));
  const said = items.map((item) => item.toLowerCase());
  const strange = said.find((item) => !known.has(item));
  if (strange !== undefined) return `${JSON.stringify(strange.slice(0, 40))} is not one of those asked for.`;
  return new Set(said).size === count ? undefined : "An item comes twice.";
}

function split(answer: string, by: Separator): string[] | undefined {
  if (by === "line") return answer.split("\n").map((line) => line.trim());
  if (by === "comma")
    return answer
      .replace(/[.\u3002]$/, "")
      .split(/[,\uff0c\u3001]/)
      .map((item) => item.trim());
  const json = parsed(answer);
  return Array.isArray(json) && json.every((item) => typeof item === "string") ? json : undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return readJson(text, "answer");
  } catch (error) {
    if (error instanceof QwqError) return undefined;
    throw error;
  }
}

/** A JSON value as JavaScript has it, numbers as float64. */
function scalar(value: Json | undefined): Json | undefined {
  return value instanceof JsonNumber ? value.value : value;
}
