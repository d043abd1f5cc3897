/** A run of cases in this process, and what must hold for each of them. */
import { getHeapStatistics } from "node:v8";
import { QwqError } from "../../src/errors.ts";
import { clock, worked } from "../support/own-time.ts";
import { makeCase, type Target } from "./target.ts";

/** What no case may pass. A template may take the second that its child process gives it. */
export const MOST_MILLISECONDS = 100;
export const MOST_BYTES = 64 * 2 ** 20;
const SLOWER: Readonly<Record<string, number>> = { template: 1000, model: 1000 };

/** How a case ended: "ok", or the code of an error that says what is wrong with it. */
export type Outcome = string;

/** A case that broke a rule. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly number: number;
  /** Which rule, and how. */
  readonly why: string;
}

/** Cases of one target. */
export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** How often an outcome came, and the shortest case of it. */
export interface Seen {
  readonly times: number;
  readonly number: number;
  readonly bytes: number;
}

/** What came of them. */
export interface Result {
  readonly milliseconds: number;
  readonly outcomes: Record<Outcome, Seen>;
  readonly slowest: number;
  readonly most: number;
  readonly findings: readonly Finding[];
}

/** What a target makes of an input; an error that is none of ours begins with "untyped". */
export function outcome(target: Target, bytes: Uint8Array): Outcome {
  try {
    target.read(bytes);
    return "ok";
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    return target.code?.(error) ?? `untyped: ${String(error).slice(0, 200)}`;
  }
}

/** Runs the cases of a job. */
export function runJob(target: Target, { seed, from, to }: Job): Result {
  const outcomes: Record<Outcome, Seen> = {};
  const findings: Finding[] = [];
  let [slowest, most] = [0, 0];
  const began = worked();
  for (let number = from; number < to; number++) {
    const bytes = makeCase(target, seed, number);
    const once = measure(target, bytes);
    // A collector that was due makes a case slow, or small; twice again tells.
    const { end, milliseconds, growth } = breaks(target, once)
      ? best([once, measure(target, bytes), measure(target, bytes)])
      : once;
    const why = breaks(target, { end, milliseconds, growth });
    if (why !== undefined) findings.push({ target: target.name, seed, number, why });
    outcomes[end] = both(outcomes[end], { times: 1, number, bytes: bytes.length });
    [slowest, most] = [Math.max(slowest, milliseconds), Math.max(most, growth)];
  }
  return { milliseconds: worked() - began, outcomes, slowest, most, findings };
}

/** Both together. */
export function both(a: Seen | undefined, b: Seen): Seen {
  if (a === undefined) return b;
  const { number, bytes } = a.bytes <= b.bytes ? a : b;
  return { times: a.times + b.times, number, bytes };
}

interface Measured {
  readonly end: Outcome;
  readonly milliseconds: number;
  /** Bytes, of objects and of arrays beside them; below 0 where the collector came. */
  readonly growth: number;
}

export function measure(target: Target, bytes: Uint8Array): Measured {
  const [before, taken] = [held(), clock()];
  const end = outcome(target, bytes);
  const milliseconds = taken();
  return { end, milliseconds, growth: held() - before };
}

/** The rule that it breaks, and how; undefined where it breaks none. */
export function breaks(target: Target, { end, milliseconds, growth }: Measured): string | undefined {
  if (end.startsWith("untyped")) return end;
  const limit = SLOWER[target.name] ?? MOST_MILLISECONDS;
  if (milliseconds > limit) return `slow: ${milliseconds.toFixed(0)} ms, and ${limit} are allowed`;
  if (growth > MOST_BYTES) return `large: ${growth} bytes, and ${MOST_BYTES} are allowed`;
  return undefined;
}

/** The fastest of them; the growth is the greatest, since a collector only ever hides some of it. */
function best(tries: readonly Measured[]): Measured {
  const milliseconds = Math.min(...tries.map((one) => one.milliseconds));
  const growth = Math.max(...tries.map((one) => one.growth));
  return { end: tries[0]!.end, milliseconds, growth };
}

function held(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
