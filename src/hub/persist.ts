/**
 * Attempts that go on until one succeeds: after each failure twice as long a pause, between half of it and all of it at
 * random, so that many clients do not come back at once; or as long as the server asks.
 *
 * source   M. Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015): "equal jitter"; RFC 9110 10.2.3
 *          (Retry-After)
 */
import { setTimeout } from "node:timers/promises";
import { IoError } from "../errors.ts";
import { Fault } from "./fault.ts";

/** What attempts need of the world; tests put their own in its place. */
export interface World {
  /** Waits; rejects when `signal` is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export const WORLD: World = {
  pause: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
  random: Math.random,
};

/** Failures in a row, without progress, after which it is given up. */
const MOST_FAILURES = 5;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** A server that asks for more than this is taken at its word: another day. */
const LONGEST_ASKED = 300_000;

/**
 * What `attempt` returns, once it does. `progress` says how far it has come, in any unit that grows: failures after
 * progress count from one again.
 *
 * throws   the error of the last Fault; whatever else `attempt` throws, at once; what aborted `signal`
 */
export async function persist<R>(
  attempt: () => Promise<R>,
  signal: AbortSignal,
  world: World,
  progress: () => number = () => 0,
): Promise<R> {
  let reached = progress();
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (fault) {
      signal.throwIfAborted();
      if (!(fault instanceof Fault)) throw fault;
      if (progress() > reached) failures = 1;
      reached = Math.max(reached, progress());
      if (!fault.again || failures >= MOST_FAILURES) throw fault.error;
      if ((fault.after ?? 0) > LONGEST_ASKED) throw asksTooMuch(fault);
      await world.pause(fault.after ?? pauseAfter(failures, world.random()), signal);
    }
  }
}

/** Milliseconds after so many failures in a row. */
export function pauseAfter(failures: number, random: number): number {
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
  return Math.round(most * (0.5 + random / 2));
}

function asksTooMuch({ error, after }: Fault): IoError {
  const { code, where, expected, actual } = error;
  const hint = `The server asks to come back in ${Math.ceil(after! / 60_000)} minutes.`;
  return new IoError(code, where, { expected, actual, hint, cause: error });
}
