/**
 * Lint: how the model is sampled unless told otherwise.
 */
import { type Check, type Outcome } from "../checks.ts";
import type { Facts, Setting } from "./facts.ts";
import { hold, type Rule, same, show, type Subject } from "./rule.ts";

const NEXT: Readonly<Record<Setting, string>> = {
  temperature: "QwQ's authors give 0.6: hotter it rambles, colder it repeats itself.",
  topK: "QwQ's authors give 20 to 40, to keep rare tokens out of long thoughts.",
  topP: "QwQ's authors give 0.95.",
  minP: "QwQ's authors give 0; llama.cpp's own default is 0.1 (0.05 of late).",
  repetitionPenalty:
    "Off is 1. Over thousands of tokens a penalty forbids every common word, and the thoughts end in nonsense.",
};

const CODES: Readonly<Partial<Record<Setting, string>>> = { repetitionPenalty: "lint-penalty" };

export const sampling: Rule = (subject) => {
  const { facts } = subject;
  const settings = Object.keys(NEXT) as Setting[];
  const told = settings.flatMap((setting) => check(subject, setting));
  if (!facts.has.generation || Object.keys(facts.sampling).length > 0) return [...told, ...greedy(subject)];
  const next = "Ship generation_config.json: without it every engine has its own defaults.";
  const absent = { code: "lint-sampling", where: "generation_config.json", next, severity: "warn" } as const;
  return [hold(subject.expected === undefined, absent, "temperature, top_k and top_p", "none"), ...greedy(subject)];
};

function check({ facts, expected }: Subject, setting: Setting): Check[] {
  const claim = facts.sampling[setting];
  if (claim === undefined) return [];
  const due = expected?.sampling[setting]?.value ?? NEUTRAL[setting];
  if (due === undefined) return [];
  const held = {
    code: CODES[setting] ?? "lint-sampling",
    where: claim.where,
    next: NEXT[setting],
    severity: expected === undefined ? ("warn" as Outcome) : "fail",
  };
  const published = expected?.kind === "published";
  const ok = setting === "topK" && published ? claim.value >= 20 && claim.value <= 40 : same(claim.value, due);
  return [hold(ok, held, setting === "topK" && published ? "20 to 40" : show(due), show(claim.value))];
}

/** What no model of the family wants otherwise. */
const NEUTRAL: Readonly<Partial<Record<Setting, number>>> = { repetitionPenalty: 1 };

function greedy({ facts, expected }: Subject): Check[] {
  const severity = expected === undefined ? "warn" : "fail";
  const next = "Greedy decoding sends QwQ into endless repetition; its authors warn of it.";
  const held = { code: "lint-greedy", next, severity } as const;
  const zero = facts.sampling.temperature;
  return [
    ...(facts.sample === undefined || !drawn(expected)
      ? []
      : [hold(facts.sample.value, { ...held, where: facts.sample.where }, "true", "false")]),
    ...(zero === undefined || zero.value !== 0 ? [] : [hold(false, { ...held, where: zero.where }, "above 0", "0")]),
  ];
}

function drawn(expected: Facts | undefined): boolean {
  return expected?.sample?.value !== false;
}
