/** A reader with every fault there is, to see that each is found. Never fuzzed for itself. */
import { FormatError } from "../../../src/errors.ts";
import type { Target } from "../target.ts";

const kept: Uint8Array[] = [];

/** What it does with case n: the case's bytes are its number. */
function misbehave(number: number): void {
  if (number === 1) throw new TypeError("Cannot read properties of undefined");
  if (number === 2) process.kill(process.pid, "SIGKILL");
  if (number === 3) for (;;) kept.length = 0;
  if (number === 4) kept.push(new Uint8Array(2 ** 29)); // far more than a collector that comes meanwhile could hide
  if (number === 5) for (const began = work(); work() - began < 150_000;) kept.length = 0;
  if (number === 6) throw new FormatError("E_SIX", "broken", { actual: `${number}` });
}

/** Microseconds that this process has worked. */
function work(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export const BROKEN: Target = {
  name: "broken",
  extension: "bin",
  seeds: [],
  structured: () => new Uint8Array(0),
  numbered: (number) => Uint8Array.of(number),
  read: ([number]) => misbehave(number!),
};
