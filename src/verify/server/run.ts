/** A request from its first test to its verdict. */
import { randomBytes } from "node:crypto";
import type { Child, Exit, Next } from "./child.ts";
import { sameText, sameValue } from "./judge.ts";
import type { Pool } from "./pool.ts";
import { areCalls, type CallTest, type InputTest, type Json, type Limits } from "./protocol.ts";
import { type RunRequest, type TestResult, type Verdict, verdict } from "./protocol.ts";

type Request = RunRequest & { readonly limits: Limits };

/** What a guest says of one call. */
interface Told {
  readonly at: number;
  readonly value?: string;
  readonly unlike?: string;
  readonly error?: string;
  readonly long?: boolean;
  readonly memory?: boolean;
  readonly last?: boolean;
}

/**
 * Runs a program against its tests and says what came of it.
 *
 * A function gets one process for all of its tests; a program that reads input gets one each. The signal ends it early.
 */
export async function run(pool: Pool, request: Request, signal: AbortSignal): Promise<Verdict> {
  const began = performance.now();
  const { tests } = request;
  const results = areCalls(tests)
    ? await runCalls(pool, request, tests, signal)
    : await runInputs(pool, request, tests, signal);
  while (results.length < tests.length) results.push({ status: "skipped", seconds: 0 });
  return verdict(results, (performance.now() - began) / 1000);
}

async function runCalls(
  pool: Pool,
  request: Request,
  tests: readonly CallTest[],
  signal: AbortSignal,
): Promise<TestResult[]> {
  const { language, source, entry, limits, stopAtFirst } = request;
  const nonce = randomBytes(16).toString("hex");
  const until = performance.now() + limits.totalSeconds * 1000;
  const results: TestResult[] = [];
  const child = await pool.take(language, limits);
  try {
    // What is said of a call may hold the result, and each character of it as six.
    child.limit(6 * limits.outputBytes * tests.length + 65_536);
    const args = tests.map((test) => JSON.stringify(test.args));
    child.send({ kind: "calls", nonce, source, entry, tests: args, outputBytes: limits.outputBytes });
    for (const test of tests) {
      const { next, seconds } = await within(child, limits, until, signal);
      const { result, last } = judgeCall(next, nonce, results.length, test, child, seconds);
      results.push(result);
      if (last || (stopAtFirst && result.status !== "passed")) break;
    }
  } finally {
    child.kill();
  }
  return results;
}

/** The result of one call, and whether the process can run no more of them. */
function judgeCall(
  next: Next | "timeout",
  nonce: string,
  at: number,
  test: CallTest,
  child: Child,
  seconds: number,
): { readonly result: TestResult; readonly last: boolean } {
  if (next === "timeout") return { result: { status: "timeout", seconds, reason: "the time was up" }, last: true };
  if ("over" in next) return { result: { status: "output", seconds, reason: "it wrote too much" }, last: true };
  if ("exit" in next) return { result: { ...ended(next.exit, child.errorText, true), seconds }, last: true };
  const told = toldBy(next.line, nonce);
  if (told === undefined || (told.at !== at && told.error === undefined && told.memory === undefined)) {
    return { result: { status: "error", seconds, reason: "it spoke in the place of the sandbox" }, last: true };
  }
  return { result: { ...judged(told, test), seconds }, last: told.last === true || told.at !== at };
}

function judged(told: Told, test: CallTest): Omit<TestResult, "seconds"> {
  if (told.memory || NO_MEMORY.test(told.error ?? "")) return { status: "memory", reason: "there was no more memory" };
  if (told.error !== undefined) return { status: "error", reason: told.error };
  if (told.long) return { status: "output", reason: "the result was too long" };
  if (told.unlike !== undefined)
    return { status: "failed", actual: told.unlike, reason: "JSON cannot hold the result" };
  const actual = told.value!;
  if (test.expected === undefined || sameValue(JSON.parse(actual) as Json, test.expected)) {
    return { status: "passed", actual };
  }
  return { status: "failed", actual, reason: "another result" };
}

/** What a line says, or undefined where it is not the guest's. */
function toldBy(line: string, nonce: string): Told | undefined {
  if (!line.startsWith(nonce)) return undefined;
  try {
    const told = JSON.parse(line.slice(nonce.length)) as Told;
    if (told.value !== undefined) JSON.parse(told.value);
    return told;
  } catch {
    return undefined;
  }
}

async function runInputs(
  pool: Pool,
  request: Request,
  tests: readonly InputTest[],
  signal: AbortSignal,
): Promise<TestResult[]> {
  const until = performance.now() + request.limits.totalSeconds * 1000;
  const results: TestResult[] = [];
  for (const test of tests) {
    if (performance.now() >= until) break;
    const result = await runInput(pool, request, test, until, signal);
    results.push(result);
    if (request.stopAtFirst && result.status !== "passed") break;
  }
  return results;
}

async function runInput(
  pool: Pool,
  { language, source, limits, numbers }: Request,
  test: InputTest,
  until: number,
  signal: AbortSignal,
): Promise<TestResult> {
  const child = await pool.take(language, limits);
  try {
    child.limit(limits.outputBytes);
    child.send({ kind: "program", source });
    child.input(test.stdin);
    const { next, seconds } = await within(child, limits, until, signal);
    if (next === "timeout") return { status: "timeout", seconds, reason: "the time was up" };
    if ("over" in next) return { status: "output", seconds, reason: "it wrote too much" };
    if ("line" in next) return { status: "error", seconds, reason: "it spoke in the place of the sandbox" };
    const actual = child.outputText;
    const { status, reason } = ended(next.exit, child.errorText, false);
    if (status !== "passed") return { status, seconds, actual, reason };
    if (test.stdout === undefined || sameText(actual, test.stdout, numbers)) return { status, seconds, actual };
    return { status: "failed", seconds, actual, reason: "another output" };
  } finally {
    child.kill();
  }
}

/** A machine that is busy may make a program take this many times as long; not longer, or a program could make it so. */
const PATIENCE = 10;

/**
 * The next thing a process says, within the limits of time and unless the signal comes first. The time for which other
 * processes had all processors does not count.
 */
async function within(
  child: Child,
  limits: Limits,
  until: number,
  signal: AbortSignal,
): Promise<{ readonly next: Next | "timeout"; readonly seconds: number }> {
  const [began, before] = [performance.now(), child.starved()];
  const limit = Math.min(limits.seconds, (until - began) / 1000);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"timeout">((resolve) => {
    const check = () => {
      const due = began + 1000 * Math.min(limit + child.starved() - before, PATIENCE * limit);
      const left = due - performance.now();
      // What has come in the meantime is heard first.
      if (left <= 0) setImmediate(() => setImmediate(() => resolve("timeout")));
      else timer = setTimeout(check, left);
    };
    timer = setTimeout(check, 1000 * limit);
  });
  const stop = () => child.kill();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const next = await Promise.race([child.next(), late]);
    return { next, seconds: (performance.now() - began) / 1000 };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** How V8, Node and Python say that there was no more. */
const NO_MEMORY = /(heap|process) out of memory|rray buffer allocation failed|\bMemoryError\b|Cannot allocate memory/;

/** What an end means. `early`: it ended although more was to come. */
function ended({ code, signal }: Exit, errorText: string, early: boolean): Pick<TestResult, "status" | "reason"> {
  if (code === 0 && !early) return { status: "passed", reason: undefined };
  const lines = errorText.trim().split("\n");
  const named = lines.findLast((line) => /^(Uncaught )?[\w.]*(Error|Exception|Interrupt|Exit)\b/.test(line));
  const last = named ?? lines.at(-1);
  if (code !== 0 && NO_MEMORY.test(errorText)) return { status: "memory", reason: "there was no more memory" };
  if (signal !== null) return { status: "killed", reason: `it ended by ${signal}` };
  if (code !== null && code > 128) return { status: "killed", reason: `it ended by signal ${code - 128}` };
  return { status: "error", reason: last?.slice(0, 500) || `it ended with code ${code}` };
}
