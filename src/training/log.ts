/** What a training says while it goes on: a JSON object a line, so that curves and tables need no training to be drawn. */
import { join } from "node:path";
import { FormatError } from "../errors.ts";
import { readWhole } from "../files/input.ts";
import { writeAtomically } from "../files/output.ts";

/** One line: a step, or a test on problems that training does not see. */
export interface Entry {
  readonly stage: string;
  /** From 1, of so many. */
  readonly step: number;
  readonly of: number;
  /** What the stage said of its step: loss, reward, length, accuracy, rate, ... */
  readonly values: Readonly<Record<string, number>>;
  /** A reply that was drawn, to see what has been learnt. */
  readonly sample?: { readonly question: string; readonly reply: string; readonly reward: number } | undefined;
}

/** The log's name in a training's folder. */
export const LOG = "log.jsonl";
const MOST_BYTES = 2 ** 28;

/** Numbers to seven digits: float32 has no more, and a log is read by people too. */
export function line(entry: Entry): string {
  const round = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(7)) : value);
  return JSON.stringify(entry, round);
}

/** Writes the whole log. Throws IoError E_OUT_WRITE. */
export function writeLog(folder: string, log: string): void {
  writeAtomically(join(folder, LOG), (write) => write(new TextEncoder().encode(log)));
}

/** Reads a log. Throws IoError E_IO_OPEN; FormatError E_TRAIN_LOG for what is not one. */
export function readLog(path: string): Entry[] {
  const text = new TextDecoder().decode(readWhole(path, MOST_BYTES, "E_LIMIT_LOG"));
  return parseLog(text, path);
}

/** The entries of a log's text. */
export function parseLog(text: string, path: string): Entry[] {
  return text
    .split("\n")
    .filter((one) => one !== "")
    .map((one, i) => {
      try {
        return JSON.parse(one) as Entry;
      } catch (cause) {
        const expected = `a JSON object in line ${i + 1}`;
        throw new FormatError("E_TRAIN_LOG", path, {
          path,
          expected,
          actual: "something else",
          hint: "The file is damaged or was edited by hand.",
          cause,
        });
      }
    });
}
