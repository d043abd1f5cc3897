/**
 * What the commands without activations found (lint, tokens, template, parse, sampler, probe): a list of checks, each with
 * its outcome.
 */

/** `skip` says that the check could not be made: that is never a pass. */
export type Outcome = "pass" | "warn" | "fail" | "skip";

/** One thing that was looked at, and how it was found. */
export interface Check {
  /** "lint-eps": what `qwq oracle explain` explains. */
  readonly code: string;
  readonly outcome: Outcome;
  /** What was looked at: "config.json: rms_norm_eps", "string 17". */
  readonly where: string;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  /** The next step, as an imperative sentence; of a skipped check, why it was. */
  readonly next?: string | undefined;
}

/** All that a command found: what `--format json` prints. */
export interface Checks {
  readonly schema: "oracle-checks/1";
  readonly command:
    "lint" | "tokens" | "template" | "parse" | "sampler" | "probe" | "import" | "verify" | "weights" | "invariants";
  /** The file, command or address that was checked. */
  readonly subject: string;
  readonly checks: readonly Check[];
  /** What a reader must know besides. One sentence each. */
  readonly notes: readonly string[];
}

/** `fail` if a check failed, `warn` if one warns, `incomparable` if none could be made. */
export function verdictOf({ checks }: Pick<Checks, "checks">): "pass" | "warn" | "fail" | "incomparable" {
  const has = (outcome: Outcome) => checks.some((check) => check.outcome === outcome);
  if (has("fail")) return "fail";
  if (has("warn")) return "warn";
  return has("pass") ? "pass" : "incomparable";
}

/** The check as a sentence: "expected 1e-5, got 1e-6". */
export function sentence({ expected, actual, next }: Check): string {
  const both = [
    expected === undefined ? undefined : `expected ${expected}`,
    actual === undefined ? undefined : `got ${actual}`,
  ].filter((part) => part !== undefined);
  const text = both.length === 0 ? "" : `${both.join(", ")}.`;
  return [text, next].filter((part) => part !== undefined && part !== "").join(" ");
}
