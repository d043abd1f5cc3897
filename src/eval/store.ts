/**
 * A run's folder: what is asked (eval.json, problems.jsonl) and every reply, each on the disk before the next is counted
 * (samples.jsonl). What was cut off in the middle of a line is not there.
 */
import { join } from "node:path";
import { FormatError, IoError, UsageError } from "../errors.ts";
import { readWhole } from "../files/input.ts";
import { io } from "../files/io.ts";
import { Journal, linesOf } from "../files/journal.ts";
import { cannotWrite, isRunning, quietly, writeAll, writeAtomically } from "../files/output.ts";
import { keyOf, type Sample } from "./problem.ts";
import type { Settings } from "./settings.ts";

const SETTINGS = "eval.json";
const PROBLEMS = "problems.jsonl";
const LOCK = "lock";
export const SAMPLES = "samples.jsonl";
/** Of a run's replies, in all: about the longest string that JavaScript has. */
const MOST_BYTES = 2 ** 29 - 2 ** 16;

/** A run's folder, open: one process at a time has it. */
export class Store {
  readonly folder: string;
  readonly settings: Settings;
  /** The lines of the benchmark's data. */
  readonly lines: readonly string[];
  readonly samples: Sample[] = [];
  private readonly journal: Journal;
  private readonly keys = new Set<string>();

  private constructor(folder: string, settings: Settings, lines: readonly string[]) {
    this.folder = folder;
    this.settings = settings;
    this.lines = lines;
    this.journal = new Journal(join(folder, SAMPLES));
    for (const sample of readSamples(this.journal.lines, this.journal.path)) this.count(sample);
  }

  /** Whether a run lies there. */
  static exists(folder: string): boolean {
    return io().statSync(join(folder, SETTINGS), { throwIfNoEntry: false }) !== undefined;
  }

  /**
   * Begins a run in a folder that is new, or empty.
   *
   * throws   IoError E_OUT_EXISTS, E_OUT_WRITE; UsageError E_EVAL_BUSY
   */
  static create(folder: string, settings: Settings, lines: readonly string[]): Store {
    attempt(folder, () => io().mkdirSync(folder, { recursive: true }));
    if (io().readdirSync(folder).length > 0) {
      throw new IoError("E_OUT_EXISTS", folder, {
        path: folder,
        expected: "a folder that is new or empty",
        actual: Store.exists(folder) ? "one with a run in it" : "one with something else in it",
        hint: "Go on with that run by --resume, or choose another --out.",
      });
    }
    const release = lock(folder);
    try {
      write(join(folder, PROBLEMS), lines.map((line) => `${line}\n`).join(""));
      write(join(folder, SETTINGS), `${JSON.stringify(settings, undefined, 2)}\n`); // the last: with it there is a run
      return new Store(folder, settings, lines);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Goes on with a run. Throws IoError E_IO_OPEN; FormatError E_EVAL_RUN; UsageError E_EVAL_BUSY. */
  static open(folder: string): Store {
    const settings = json(join(folder, SETTINGS)) as Settings;
    const release = lock(folder);
    try {
      return new Store(folder, settings, linesOf(text(join(folder, PROBLEMS))));
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Whether a reply is there already. */
  has(sample: Pick<Sample, "problem" | "sample">): boolean {
    return this.keys.has(keyOf(sample));
  }

  /** Keeps a reply; it is on the disk when this returns. Throws IoError E_OUT_WRITE, E_INTERNAL where it is there already. */
  add(sample: Sample): void {
    const key = keyOf(sample);
    if (this.keys.has(key)) throw new UsageError("E_INTERNAL", SAMPLES, { expected: "each sample once", actual: key });
    this.journal.add(sample);
    this.keys.add(key);
    this.samples.push(sample);
  }

  /** Writes one more file of the run, whole. */
  write(name: string, contents: string): void {
    write(join(this.folder, name), contents);
  }

  /** Closes its file and gives the folder free. */
  close(): void {
    this.journal.close();
    quietly(() => io().unlinkSync(join(this.folder, LOCK)));
  }

  private count(sample: Sample): void {
    const key = keyOf(sample);
    if (this.keys.has(key)) throw wrong(this.journal.path, "each sample once", `${key} twice`);
    this.keys.add(key);
    this.samples.push(sample);
  }
}

/** The samples in lines. Throws FormatError E_EVAL_RUN. */
function readSamples(lines: readonly string[], path: string): Sample[] {
  return lines.map((line, i) => {
    try {
      const sample = JSON.parse(line) as Sample;
      if (typeof sample.problem === "string" && Number.isInteger(sample.sample)) return sample;
    } catch {
      // said below
    }
    throw wrong(path, `a sample in line ${i + 1}`, line.slice(0, 60));
  });
}

/** One process at a time: two would ask everything twice. Returns what gives the folder free. */
function lock(folder: string): () => void {
  const path = join(folder, LOCK);
  const release = () => quietly(() => io().unlinkSync(path));
  for (const last of [false, true]) {
    try {
      const fd = io().openSync(path, "wx", 0o644);
      writeAll(path, fd, Buffer.from(`${process.pid}\n`));
      io().closeSync(fd);
      return release;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cannotWrite(path, cause);
      const owner = Number.parseInt(text(path), 10);
      if (!last && (owner === process.pid || !isRunning(owner))) release();
      else throw busy(folder, owner);
    }
  }
  throw busy(folder, 0);
}

function busy(folder: string, owner: number): UsageError {
  return new UsageError("E_EVAL_BUSY", folder, {
    expected: "a run that nobody is at",
    actual: `process ${owner}`,
    hint: "Wait for it, or end it.",
  });
}

function write(path: string, contents: string): void {
  writeAtomically(path, (put) => put(new TextEncoder().encode(contents)));
}

function text(path: string): string {
  return new TextDecoder().decode(readWhole(path, MOST_BYTES, "E_LIMIT_INPUT"));
}

function json(path: string): unknown {
  try {
    return JSON.parse(text(path));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw wrong(path, "JSON", cause.message);
  }
}

function wrong(path: string, expected: string, actual: string): FormatError {
  return new FormatError("E_EVAL_RUN", path, { path, expected, actual, hint: "The run is damaged; begin another." });
}

function attempt<R>(path: string, use: () => R): R {
  try {
    return use();
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
