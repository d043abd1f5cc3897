/**
 * Every operation with every fault at every place: call N of a kind fails, for N = 1, 2, 3 ... until the operation runs
 * through untouched; once with that call alone, and once with every later one too. What comes is an error with a code, or
 * the right result; nothing stays open, mapped or half written; and the next run succeeds.
 *
 * `npm run test:system` takes some N of each; `npm run test:faults` all.
 *
 * source   SQLite's I/O error tests (sqlite.org/testing.html 3.2)
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { replaceIo } from "../../src/files/io.ts";
import { type Call, type Fault, FAULTS, FaultyIo } from "../support/faulty-io.ts";
import { contents, type Operation, OPERATIONS, type Run } from "../support/operations.ts";

const ALL = process.env["QWQ_FAULTS"] === "all";
/** Taken of each pair where not all are. */
const SOME = [1, 4];
/** Where not all faults are taken: the first of each kind of call. */
const TAKEN = FAULTS.filter(({ call }, i) => ALL || FAULTS.findIndex((other) => other.call === call) === i);
/** Faults in cleaning up after a fault. */
const COMPOUND: readonly (readonly [fault: string, ...then: string[]])[] = [
  ["readSync EIO", "closeSync EIO"],
  ["writeSync ENOSPC", "closeSync EIO", "unlinkSync EIO", "rmSync EIO"],
  ["renameSync EXDEV", "unlinkSync EIO", "rmSync EIO"],
  ["madvise EFAULT", "munmap EINVAL", "closeSync EIO"],
  ["mmap ENOMEM", "closeSync EIO"],
];

let cases = 0;
afterAll(() => console.log(`faults: ${cases} cases`));

/** A fault and its place. */
interface Struck {
  readonly fault: Fault;
  readonly at: number;
  readonly forever: boolean;
  readonly then?: readonly Fault[];
}

interface Outcome {
  readonly result: string | undefined;
  readonly error: unknown;
  readonly io: FaultyIo;
}

/** A folder for one operation, and runs of it, each with an empty folder to write into. */
class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "qwq-faults-"));
  private readonly operation: Operation;
  private run: Run = () => "";
  private out = "";
  private before = "";

  constructor(operation: Operation) {
    this.operation = operation;
  }

  async prepare(): Promise<string> {
    mkdirSync(join(this.folder, "in"));
    this.run = await this.operation.prepare(join(this.folder, "in"));
    const { result, error } = await this.attempt(undefined);
    if (result === undefined) throw error;
    return result;
  }

  /** Runs it in a folder of its own, or again in the same. */
  async attempt(struck: Struck | undefined, again = false): Promise<Outcome> {
    if (!again) this.renew();
    const { fault, at = 0, forever = false, then } = struck ?? {};
    const io = new FaultyIo(fault, at, forever, then);
    const restore = replaceIo(io.io);
    try {
      return { result: await this.run(this.out), error: undefined, io };
    } catch (error) {
      return { result: undefined, error, io };
    } finally {
      restore();
    }
  }

  /** What is open, half written or changed and should not be. */
  left({ result, io }: Outcome): string[] {
    const open = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").map(target) : [];
    const mapped = [...io.mapped.values()].filter(({ viewed }) => !viewed || "transfer" in ArrayBuffer.prototype);
    const now = contents(this.out);
    const { mayLeave } = this.operation;
    const new_ = now.split("\n").filter((line) => line !== this.before && !mayLeave?.(line.split(" ")[0]!));
    return [
      ...open.filter((name) => name.startsWith(this.folder)).map((name) => `open: ${name}`),
      ...mapped.map(({ bytes }) => `mapped: ${bytes} bytes`),
      ...(result === undefined && new_.length > 0 ? [`written: ${new_.join(", ")}`] : []),
      ...(now.includes(".tmp") ? [`temporary: ${now}`] : []),
    ];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private renew(): void {
    this.out = join(this.folder, "out");
    rmSync(this.out, { recursive: true, force: true });
    mkdirSync(this.out);
    writeFileSync(join(this.out, "old"), "old");
    this.before = contents(this.out);
  }
}

function target(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the one that listed the others
  }
}

/** One case, and the run after it. Returns whether the fault came to strike. */
async function check(bench: Bench, right: string, struck: Struck): Promise<boolean> {
  const { fault, at, forever, then = [] } = struck;
  const where = `${nameOf(fault)} at call ${at}${forever ? " and later" : ""}`;
  const outcome = await bench.attempt(struck);
  const { result, error, io } = outcome;
  if (result === undefined) expect(codeOf(error), `${where}: ${String(error)}`).toMatch(/^E_(?!INTERNAL)/);
  else expect(result, where).toBe(right);
  const cleaning = [fault, ...then].some(({ call }) => CLEANING.includes(call));
  const left = bench.left(outcome).filter((line) => !cleaning || line.startsWith("open: "));
  expect(left, where).toEqual([]);
  const next = await bench.attempt(undefined, result === undefined && !cleaning);
  expect(next.result ?? String(next.error), `${where}, and then without`).toBe(right);
  cases++;
  return io.struck > 0;
}

/** Where these fail, what they should have taken away must stay. */
const CLEANING: readonly Call[] = ["unlinkSync", "rmSync", "munmap"];

function codeOf(error: unknown): string {
  return error instanceof QwqError ? error.code : `no code: ${error instanceof Error ? error.stack : String(error)}`;
}

function nameOf({ call, name }: Fault): string {
  return `${call} ${name}`;
}

describe.each(OPERATIONS)("$name", (operation) => {
  const bench = new Bench(operation);
  let right = "";
  beforeAll(async () => {
    right = await bench.prepare();
  });
  afterAll(() => bench.remove());

  const met = ({ call }: Fault) => operation.meets.includes(call);

  /** Every place in turn, once and for ever; fails if there was none. */
  const everywhere = async (fault: Fault, then: readonly Fault[] = []) => {
    for (const forever of [false, true]) {
      let struck = 0;
      for (let i = 0; ; i++) {
        const at = ALL ? i + 1 : SOME[i];
        if (at === undefined || !(await check(bench, right, { fault, at, forever, then }))) break;
        struck++;
      }
      expect(struck).toBeGreaterThan(0);
    }
  };

  const taken = ({ call }: Fault) => ALL || (operation.taken?.includes(call) ?? true);
  it.each(TAKEN.filter(met).filter(taken))("$call $name: a code or the right result", (fault) => everywhere(fault));

  const compound = COMPOUND.map((names) => names.map((name) => FAULTS.find((fault) => nameOf(fault) === name)!));
  it.each(compound.filter(([fault]) => met(fault!)).map((faults) => [faults.map(nameOf).join(", then "), faults] as const))(
    "%s: a code or the right result", (_, [fault, ...then]) => everywhere(fault!, then)); // prettier-ignore

  it("makes no other calls than it says", async () => {
    const made = [];
    const kinds = FAULTS.filter(({ call }, i) => FAULTS.findIndex((other) => other.call === call) === i);
    for (const fault of kinds.filter((one) => !met(one))) {
      const { io } = await bench.attempt({ fault, at: Infinity, forever: false });
      if (io.calls > 0) made.push(fault.call);
    }
    expect(made).toEqual([]);
  });
});
