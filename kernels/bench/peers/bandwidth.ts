/**
 * Plain reading of memory, in native code: `bandwidth.ts THREADS`. Each thread, a process of its own, compares two arrays
 * of 256 MiB, too large for any cache, for two seconds; the rates of all, added, are printed as JSON.
 */
import { fork } from "node:child_process";

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

async function main(threads: number): Promise<number> {
  const children = Array.from({ length: threads }, () => fork(import.meta.filename, ["child"]));
  const next = () => Promise.all(children.map((child) => new Promise<number>((done) => child.once("message", done))));
  await next();
  const rates = next();
  for (const child of children) child.send("go");
  const sum = (await rates).reduce((total, rate) => total + rate, 0);
  for (const child of children) if (child.connected) child.disconnect();
  return sum;
}

if (process.argv[2] === "child") {
  const [a, b] = [Buffer.alloc(SIZE, 1), Buffer.alloc(SIZE, 1)];
  process.once("message", () => process.send!(read(a, b)));
  process.send!(0);
} else {
  console.log(JSON.stringify({ bytesPerSecond: await main(Number(process.argv[2] ?? 1)) }));
}
