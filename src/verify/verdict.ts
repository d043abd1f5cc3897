/** What a verifier says of a reply. */

/** Why a reply is right or not, in words that can be counted. */
export type Reason =
  | "right"
  /** No `</think>`: the thoughts never ended, and there is no answer. */
  | "unfinished"
  /** Nothing after the thoughts. */
  | "empty"
  /** An answer, but nothing in it that could be compared. */
  | "none"
  /** More than one answer is given. */
  | "several"
  | "wrong"
  /** Not of the form that was asked for. */
  | "malformed"
  /** A rule was broken. */
  | "broken";

export interface Verdict {
  readonly right: boolean;
  readonly reason: Reason;
  /** One sentence for people. */
  readonly detail: string;
}

export const RIGHT: Verdict = { right: true, reason: "right", detail: "The answer is right." };

/** A verdict against a reply. */
export function no(reason: Exclude<Reason, "right">, detail: string): Verdict {
  return { right: false, reason, detail };
}
