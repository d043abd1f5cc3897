/** What a command may print: results on stdout, everything else on stderr, colour and bars only on a terminal. */
import { once } from "node:events";
import { Presets, SingleBar } from "cli-progress";
import pc from "picocolors";
import { EXIT } from "./exit.ts";
import { byteSize } from "./units.ts";

const colourful = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";

/** Colours for stdout; functions that return their text unchanged where stdout is not a terminal. */
export const colour = pc.createColors(colourful(process.stdout));
/** Colours for stderr. */
export const errorColour = pc.createColors(colourful(process.stderr));

/** Writes a result. */
export function print(text: string): void {
  process.stdout.write(text);
}

/** Writes a line of a long result; waits while its reader is behind, so that little of it lies in memory. */
export async function printLine(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
}

/** Writes a result as one line of JSON. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value)}\n`);
}

/** Writes a remark for people: nothing that a script reads. */
export function note(text: string): void {
  process.stderr.write(`${errorColour.dim(text)}\n`);
}

/**
 * A closed pipe ends the command: quietly for text (`| head`), as an I/O error where a program reads JSON and would
 * otherwise take a part for the whole. What stderr cannot take is lost, and changes no exit code.
 */
export function endOnClosedPipe(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      process.stderr.write(`qwq: stdout: expected a place to write, got ${error.code ?? error.message}.\n`);
    }
    const machine = /(^| )--(json|format[ =]json)( |$)/.test(process.argv.join(" "));
    process.exit(error.code === "EPIPE" && !machine ? EXIT.done : EXIT.io);
  });
}

/** A bar on stderr with rate and time left, shown once the work has taken two seconds; nothing when not a terminal. */
export interface Progress {
  /** So much is done, of so much. */
  readonly of: (done: number, total: number) => void;
  /** Takes the bar away. */
  readonly stop: () => void;
}

export function progress(label: string, unit: string, quiet: boolean): Progress {
  if (quiet || !process.stderr.isTTY) return { of: () => {}, stop: () => {} };
  const began = performance.now();
  const amount = (n: number) => (unit === "bytes" ? byteSize(Math.round(n)) : `${n} ${unit}`);
  let first: number | undefined;
  let bar: SingleBar | undefined;
  return {
    of(done, total) {
      first ??= done; // what was done before is not done at this rate
      const seconds = (performance.now() - began) / 1000;
      const speed = Math.max(0, done - first) / seconds;
      const rate = unit === "bytes" ? amount(speed) : speed.toPrecision(3);
      const payload = { rate, done: amount(done), all: amount(total) };
      if (bar === undefined && seconds > 2) {
        const format = `${label} {bar} {percentage}% | {done} of {all} | {rate}/s | {eta_formatted} left`;
        bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true, barsize: 12 }, Presets.rect);
        bar.start(total, done, payload);
      }
      bar?.update(done, payload);
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}
