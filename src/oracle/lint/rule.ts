/**
 * What lint's rules have in common: how a claim is held against what is expected.
 */
import type { Check, Outcome } from "../checks.ts";
import type { Claim, Facts } from "./facts.ts";

export interface Subject {
  readonly facts: Facts;
  /** What the model should say; `undefined` where only the architecture is known. */
  readonly expected: Facts | undefined;
}

export type Rule = (subject: Subject) => readonly Check[];

export interface Held {
  readonly code: string;
  readonly where: string;
  readonly next: string;
  /** What a difference is; `fail` unless told. */
  readonly severity?: Outcome;
}

/** Shown as a person would write it. */
export function show(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-3)
    return value.toExponential().replace("e+", "e");
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}

/** Passes where `ok`, else says what was expected. */
export function hold(ok: boolean, held: Held, expected: string, actual: string): Check {
  const { code, where, next, severity = "fail" } = held;
  return ok ? { code, outcome: "pass", where } : { code, outcome: severity, where, expected, actual, next };
}

/** Numbers of a file in float32 are the same as their decimal. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a === b || Math.fround(a) === Math.fround(b);
  return a === b;
}

/** Holds a claim against the expected one; without an expectation there is nothing to check. */
export function equal<T>(claim: Claim<T> | undefined, expected: Claim<T> | undefined, held: Held): Check[] {
  if (expected === undefined || claim === undefined) return [];
  const where = claim.where;
  return [hold(same(claim.value, expected.value), { ...held, where }, show(expected.value), show(claim.value))];
}

export function skip(code: string, where: string, why: string): Check {
  return { code, outcome: "skip", where, next: why };
}
