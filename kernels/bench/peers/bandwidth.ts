/**
 * Plain reading of memory, in native code: `bandwidth.ts THREADS`. Each thread, a process of its own, compares two arrays
 * of 256 MiB, too large for any cache, for two seconds; the rates of all, added, are printed as JSON.
 */
import { isOne, one, printBytesPerSecond } from "./together.ts";

const SIZE = 1 << 28;
const SECONDS = 2;

/** Bytes a second of this process. */
function read(a: Buffer, b: Buffer): number {
  const began = performance.now();
  let bytes = 0;
  while (performance.now() - began < 1000 * SECONDS) {
    a.equals(b);
    bytes += 2 * SIZE;
  }
  return bytes / ((performance.now() - began) / 1000);
}

if (isOne) {
  const [a, b] = [Buffer.alloc(SIZE, 1), Buffer.alloc(SIZE, 1)];
  one(() => read(a, b));
} else await printBytesPerSecond(import.meta.filename);
