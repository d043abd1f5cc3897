/** What a reply is worth: a verifier's word, never a model's opinion. */
import type { Problem } from "../tasks/problem.ts";

/** From 0 to 1; 1 is right. A verifier that runs programs takes its time. */
export type Judge = (problem: Problem, reply: string) => number | Promise<number>;
