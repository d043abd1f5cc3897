/**
 * What is said to the code execution server, and what it says: POST /run takes a RunRequest and answers with a Verdict,
 * GET /health answers with a Health.
 */
import { LimitError, UsageError } from "../../errors.ts";

export const LANGUAGES = ["javascript", "python"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A value as JSON knows it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The function is called with `args`; what it returns, or what its promise comes to, is compared with `expected`. */
export interface CallTest {
  readonly args: readonly Json[];
  /** Without it the call has only to return something that JSON can hold. */
  readonly expected?: Json | undefined;
}

/** The program reads `stdin`; what it writes is compared with `stdout`, but for spaces at the ends of lines. */
export interface InputTest {
  readonly stdin: string;
  /** Without it the program has only to end well. */
  readonly stdout?: string | undefined;
}

/** What a program may use. What is not given is the server's default. */
export interface Limits {
  /**
   * Of each test, from the moment it is given to a process that has started. Where other processes have all processors,
   * the time that it waits for one is added, up to ten times the limit.
   */
  readonly seconds: number;
  /** Of the whole request, waiting for its turn left out. */
  readonly totalSeconds: number;
  readonly memoryBytes: number;
  /** Of all that is written, or of a result. */
  readonly outputBytes: number;
}

export interface RunRequest {
  readonly language: Language;
  readonly source: string;
  /** All of one kind. */
  readonly tests: readonly CallTest[] | readonly InputTest[];
  /** The function to call, or Class.method; in JavaScript the value of the source's last expression unless told. */
  readonly entry?: string | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Leaves out what follows the first test that did not pass. */
  readonly stopAtFirst?: boolean | undefined;
  /** Written lines of numbers count as those expected where the numbers are: "1.0 2" as "1 2.00". */
  readonly numbers?: boolean | undefined;
}

/**
 * How a test ended. `failed`: another result. `error`: it threw, or ended with a code that is not 0. `timeout`, `memory` and
 * `output`: a limit. `killed`: a signal. `skipped`: one before it left no process to run it in.
 */
export type Status = "passed" | "failed" | "error" | "timeout" | "memory" | "output" | "killed" | "skipped";

export interface TestResult {
  readonly status: Status;
  readonly seconds: number;
  /** What came: a result as JSON (or, where JSON has no word for it, as JavaScript or Python write it), or what was written. */
  readonly actual?: string | undefined;
  readonly reason?: string | undefined;
}

export interface Verdict {
  /** That of the first test that did not pass; passed when there is none. */
  readonly status: Exclude<Status, "skipped">;
  readonly passed: number;
  readonly tests: readonly TestResult[];
  readonly seconds: number;
  readonly reason?: string | undefined;
}

export interface Health {
  readonly status: "ok";
  /** What stands between a program and this machine (protections.ts). */
  readonly protections: readonly string[];
  /** What could not be had here, and why. */
  readonly missing: readonly { readonly protection: string; readonly reason: string }[];
  readonly languages: readonly Language[];
  readonly limits: Limits;
  readonly running: number;
  readonly waiting: number;
  /** Requests judged since it started. */
  readonly judged: number;
}

export const DEFAULT_LIMITS: Limits = {
  seconds: 2,
  totalSeconds: 20,
  memoryBytes: 128 * 2 ** 20,
  outputBytes: 2 ** 20,
};

/** No request may ask for more. */
export const MOST: Limits = {
  seconds: 60,
  totalSeconds: 600,
  memoryBytes: 2 ** 30,
  outputBytes: 16 * 2 ** 20,
};

const MOST_TESTS = 1000;
const ENTRY = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)?$/;

/**
 * A request from what was sent.
 *
 * throws  UsageError E_RUN_REQUEST where it is not one; LimitError E_RUN_LIMIT where it asks for too much
 */
export function readRequest(sent: unknown): RunRequest & { readonly limits: Limits } {
  if (!isRecord(sent)) throw wrong("request", "an object", kind(sent));
  const { language, source, tests, entry, limits, stopAtFirst, numbers } = sent;
  if (!LANGUAGES.includes(language as Language)) {
    throw wrong("language", LANGUAGES.join(" or "), JSON.stringify(language) ?? "nothing");
  }
  if (typeof source !== "string") throw wrong("source", "a string", kind(source));
  if (entry !== undefined && (typeof entry !== "string" || !ENTRY.test(entry))) {
    throw wrong("entry", "a function's name, or Class.method", JSON.stringify(entry));
  }
  if (stopAtFirst !== undefined && typeof stopAtFirst !== "boolean") {
    throw wrong("stopAtFirst", "true or false", kind(stopAtFirst));
  }
  if (numbers !== undefined && typeof numbers !== "boolean") throw wrong("numbers", "true or false", kind(numbers));
  return {
    language: language as Language,
    source,
    tests: readTests(tests),
    entry,
    limits: readLimits(limits ?? {}),
    stopAtFirst,
    numbers,
  };
}

function readTests(tests: unknown): RunRequest["tests"] {
  if (!Array.isArray(tests) || tests.length === 0) throw wrong("tests", "a list of at least one", kind(tests));
  if (tests.length > MOST_TESTS) throw tooMuch("tests", MOST_TESTS, tests.length);
  const calls = isRecord(tests[0]) && "args" in tests[0];
  return tests.map((test: unknown, i) => {
    const where = `tests[${i}]`;
    if (!isRecord(test)) throw wrong(where, "an object", kind(test));
    if (calls) {
      if (!Array.isArray(test["args"])) throw wrong(`${where}.args`, "a list", kind(test["args"]));
      return { args: test["args"] as Json[], expected: test["expected"] as Json | undefined };
    }
    const { stdin, stdout } = test;
    if (typeof stdin !== "string") throw wrong(where, "args, or stdin as a string", kind(stdin));
    if (stdout !== undefined && typeof stdout !== "string") throw wrong(`${where}.stdout`, "a string", kind(stdout));
    return { stdin, stdout };
  }) as RunRequest["tests"];
}

function readLimits(given: unknown): Limits {
  if (!isRecord(given)) throw wrong("limits", "an object", kind(given));
  const names = Object.keys(MOST) as (keyof Limits)[];
  for (const name of Object.keys(given)) {
    if (!names.includes(name as keyof Limits)) throw wrong(`limits.${name}`, names.join(", "), "this name");
  }
  const limits = { ...DEFAULT_LIMITS };
  for (const name of names) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value > 0)) throw wrong(`limits.${name}`, "a number above 0", String(value));
    if (value > MOST[name]) throw tooMuch(`limits.${name}`, MOST[name], value);
    limits[name] = value;
  }
  return limits;
}

/** Whether tests call a function. */
export function areCalls(tests: RunRequest["tests"]): tests is readonly CallTest[] {
  return "args" in tests[0]!;
}

/** The whole from its tests. */
export function verdict(tests: readonly TestResult[], seconds: number): Verdict {
  const first = tests.find((test) => test.status !== "passed");
  const passed = tests.filter((test) => test.status === "passed").length;
  if (first === undefined) return { status: "passed", passed, tests, seconds };
  return { status: first.status as Verdict["status"], passed, tests, seconds, reason: first.reason };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function wrong(where: string, expected: string, actual: string): UsageError {
  return new UsageError("E_RUN_REQUEST", where, { expected, actual });
}

function tooMuch(where: string, most: number, actual: number): LimitError {
  return new LimitError("E_RUN_LIMIT", where, { expected: `at most ${most}`, actual: String(actual) });
}
