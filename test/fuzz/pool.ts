/**
 * Jobs over several processes. One that dies or does not answer is replaced, and its job cut into halves until the case
 * is found at which it happens.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Finding, Job, Result } from "./run.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));
/** Memory of JavaScript in a process, in MiB; a case that needs more than this ends it. */
const MEBIBYTES = 512;

export interface PoolOptions {
  readonly processes: number;
  /** How long a job may take before its process is ended. */
  readonly milliseconds: number;
  /** Called with what came of each job. */
  readonly onResult?: (job: Job, result: Result) => void;
}

/** Runs the jobs until there are none left, or `stop` says so. */
export async function runPool(jobs: Iterator<Job>, options: PoolOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.processes }, () => serve(jobs, options)));
}

async function serve(jobs: Iterator<Job>, options: PoolOptions): Promise<void> {
  let child: ChildProcess | undefined;
  /** Jobs that are halves of one that failed. */
  const halves: Job[] = [];
  try {
    for (;;) {
      const job = halves.pop() ?? nextOf(jobs);
      if (job === undefined) return;
      child ??= await start();
      const result = await ask(child, job, options.milliseconds);
      if (typeof result !== "string") {
        options.onResult?.(job, result);
        continue;
      }
      child.kill("SIGKILL");
      child = undefined;
      if (job.to - job.from === 1) options.onResult?.(job, failed(job, result));
      else halves.push(...halve(job));
    }
  } finally {
    child?.disconnect(); // upon which it ends by itself, and cleans up
  }
}

function nextOf(jobs: Iterator<Job>): Job | undefined {
  const { done, value } = jobs.next();
  return done === true ? undefined : value;
}

function halve(job: Job): Job[] {
  const middle = (job.from + job.to) >> 1;
  return [
    { ...job, from: middle },
    { ...job, to: middle },
  ];
}

function failed({ target, seed, from: number }: Job, why: string): Result {
  const finding: Finding = { target, seed, number, why };
  return {
    milliseconds: 0,
    outcomes: { [why]: { times: 1, number, bytes: 0 } },
    slowest: 0,
    most: 0,
    findings: [finding],
  };
}

/** A process that is ready for jobs: Node takes its time to start on a machine that is busy. */
async function start(): Promise<ChildProcess> {
  const child = fork(WORKER, {
    execArgv: [`--max-old-space-size=${MEBIBYTES}`, "--import", "tsx"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  await once(child, "message");
  return child;
}

/** The result, or why there is none. */
function ask(child: ChildProcess, job: Job, milliseconds: number): Promise<Result | string> {
  return new Promise((resolve) => {
    const end = (result: Result | string) => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(result);
    };
    const timer = setTimeout(() => end(`hang: no answer within ${milliseconds} ms`), milliseconds);
    child.once("message", (result: Result) => end(result));
    child.once("exit", (code, signal) => end(`crash: ${signal ?? `exit ${code}`}`));
    child.once("error", (error) => end(`crash: ${error.message}`));
    child.send(job);
  });
}
