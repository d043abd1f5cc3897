/** A measurement that several processes make at the same time, each of which is this script again. */
import { fork } from "node:child_process";

/** Whether this process is one of them. */
export const isOne: boolean = process.argv[2] === "child";

/** What each of so many processes measured, from one moment on, when all had begun. */
export async function together<T>(script: string, count: number): Promise<T[]> {
  const children = Array.from({ length: count }, () => fork(script, ["child"]));
  const next = () => Promise.all(children.map((child) => new Promise<T>((done) => child.once("message", done))));
  await next();
  const measured = next();
  for (const child of children) child.send("go");
  const all = await measured;
  for (const child of children) if (child.connected) child.disconnect();
  return all;
}

/** In one of them: it is ready, and measures when it is told. */
export function one(measure: () => unknown): void {
  process.once("message", () => process.send!(measure()));
  process.send!(0);
}

/** Prints as JSON the bytes a second of all, added; as many processes as the first argument says. */
export async function printBytesPerSecond(script: string): Promise<void> {
  const rates = await together<number>(script, Number(process.argv[2] ?? 1));
  console.log(JSON.stringify({ bytesPerSecond: rates.reduce((total, rate) => total + rate, 0) }));
}
