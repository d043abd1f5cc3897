/** A command whose memory and reading are watched while it runs. Linux only: the figures are those of /proc. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What the system says of a process and its descendants, in bytes. */
export interface Sample {
  readonly seconds: number;
  /** In memory now, the process's own and of files (mapped pages are counted). */
  readonly anonymous: number;
  readonly file: number;
  /** The most that was ever in memory (VmHWM); of several processes, the sum. */
  readonly peak: number;
  /** From the disk so far; what was in the system's cache does not count. */
  readonly read: number;
}

export interface Watched {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  readonly samples: readonly Sample[];
}

const OFTEN = 250;

/** Runs a program to its end. */
export function watched(program: string, args: readonly string[]): Promise<Watched> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const samples: Sample[] = [];
  const timer = setInterval(() => {
    const sample = sampleOf(child.pid!, seconds());
    if (sample !== undefined) samples.push(sample);
  }, OFTEN);
  child.stdout.on("data", (piece: Buffer) => out.push(piece));
  child.stderr.on("data", (piece: Buffer) => err.push(piece));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      const text = (pieces: Buffer[]) => Buffer.concat(pieces).toString();
      resolve({ code, stdout: text(out), stderr: text(err), seconds: seconds(), samples });
    });
  });
}

/** The sum over a process and its descendants; undefined when it has ended. */
function sampleOf(pid: number, seconds: number): Sample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kib = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]!);
    const read = Number(/^read_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))![1]!);
    const own = { seconds, anonymous: kib("RssAnon"), file: kib("RssFile"), peak: kib("VmHWM"), read };
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return children.map((child) => sampleOf(Number(child), seconds)).reduce<Sample>(sum, own);
  } catch {
    return undefined; // it has just ended
  }
}

function sum(a: Sample, b: Sample | undefined): Sample {
  if (b === undefined) return a;
  return {
    seconds: a.seconds,
    anonymous: a.anonymous + b.anonymous,
    file: a.file + b.file,
    peak: a.peak + b.peak,
    read: a.read + b.read,
  };
}

/** The most memory and the bytes read over a whole run. */
export function totals(samples: readonly Sample[]): { readonly peakBytes: number; readonly readBytes: number } {
  return {
    peakBytes: Math.max(...samples.map(({ peak }) => peak)),
    readBytes: Math.max(...samples.map(({ read }) => read)),
  };
}

/** Columns of at most `count` samples evenly in time, bytes as MB: small enough to be committed, for a picture. */
export function columns(samples: readonly Sample[], count = 240): Record<keyof Sample, readonly number[]> {
  const every = Math.ceil(samples.length / count);
  const kept = samples.filter((_, i) => i % every === 0 || i === samples.length - 1);
  const megabytes = (key: keyof Sample) => kept.map((sample) => Number((sample[key] / 1e6).toFixed(1)));
  return {
    seconds: kept.map((sample) => Number(sample.seconds.toFixed(1))),
    anonymous: megabytes("anonymous"),
    file: megabytes("file"),
    peak: megabytes("peak"),
    read: megabytes("read"),
  };
}
