/**
 * The grader of LiveCodeBench: the program in a reply is run against the problem's tests on the code execution server, and
 * is right where it passes all of them.
 */
import { UsageError } from "../../errors.ts";
import { type Grade, type Grader, noAnswer } from "../grader.ts";
import type { Language, Limits, RunRequest, Verdict } from "../server/protocol.ts";
import { extractCode } from "./extract.ts";
import type { CodeTests } from "./tests.ts";

export interface CodeTask {
  readonly tests: CodeTests;
  /** Python unless told. */
  readonly language?: Language | undefined;
}

/** Who runs programs: a `CodeClient`, or what stands in for it. */
export interface CodeRunner {
  run(request: RunRequest): Promise<Verdict>;
}

/** LiveCodeBench gives each test six seconds; memory is what the server gives at most. */
export const CODE_LIMITS: Partial<Limits> = {
  seconds: 6,
  totalSeconds: 600,
  memoryBytes: 2 ** 30,
  outputBytes: 16 * 2 ** 20,
};

/** Names that LiveCodeBench's programs find defined without importing them. */
const PRELUDE =
  [
    ..."string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json"
      .split(" ")
      .flatMap((name) => [`from ${name} import *`, `import ${name}`]),
    "from typing import *",
    "from builtins import *",
    "import datetime, copy, time",
    "sys.setrecursionlimit(50000)",
  ].join("\n") + "\n";

export class CodeGrader implements Grader<CodeTask> {
  readonly name = "livecodebench";
  private readonly runner: CodeRunner;
  private readonly limits: Partial<Limits>;

  /** The runner is the caller's, to start and to close. */
  constructor(runner: CodeRunner, limits: Partial<Limits> = CODE_LIMITS) {
    this.runner = runner;
    this.limits = limits;
  }

  async grade({ tests, language = "python" }: CodeTask, reply: string): Promise<Grade> {
    if (tests.tests.length === 0)
      throw new UsageError("E_VERIFY_TASK", this.name, { expected: "tests", actual: "none" });
    const source = extractCode(reply);
    if (source.trim() === "") return noAnswer("There is no block of code in the reply.");
    const verdict = await this.runner.run({
      language,
      source: language === "python" ? PRELUDE + source : source,
      tests: tests.tests,
      entry: tests.kind === "call" ? entryOf(tests.entry, source) : undefined,
      numbers: true,
      limits: this.limits,
      stopAtFirst: true,
    });
    return { right: verdict.status === "passed", extracted: source, reason: reasonOf(verdict) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A method of the class Solution, where the program has one, as LeetCode's starter code does. */
function entryOf(name: string, source: string): string {
  return /\bclass Solution\b/.test(source) && !name.includes(".") ? `Solution.${name}` : name;
}

function reasonOf({ status, passed, tests, reason }: Verdict): string {
  if (status === "passed") return `All ${tests.length} tests passed.`;
  const why = reason === undefined ? "" : `: ${reason.slice(0, 120)}`;
  return `Of ${tests.length} tests ${passed} passed, then ${status}${why}.`;
}
