/** Our verdicts beside the official ones: how many agree, and which do not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One case with both verdicts. */
export interface Judged {
  readonly family: string;
  readonly expected: string;
  readonly reply: string;
  readonly official: boolean;
  readonly ours: boolean;
}

/** The lines of a file of golden/graders, each as the JSON that it is. */
export function goldenLines<T>(name: string): T[] {
  const text = readFileSync(join(import.meta.dirname, "../../golden/graders", name), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

export function differences(judged: readonly Judged[]): readonly Judged[] {
  return judged.filter(({ official, ours }) => official !== ours);
}

/** The part on which both agree. */
export function agreement(judged: readonly Judged[]): number {
  return 1 - differences(judged).length / judged.length;
}

/** A difference that somebody has looked at: who is right, and why. */
export interface JudgedDifference {
  readonly expected: string;
  readonly reply: string;
  readonly official: boolean;
  readonly ours: boolean;
  /** "ours: ..." where we are right, "theirs: ..." where they are, "either: ..." where it is a matter of taste. */
  readonly judgement: string;
}

export function judgedDifferences(name: string): JudgedDifference[] {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, "../../golden/graders", name), "utf8"),
  ) as JudgedDifference[];
}
