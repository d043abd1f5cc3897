/**
 * LiveCodeBench: programs judged on the code execution server, and by Python (and Node) themselves: each program is run as
 * anybody would, its output compared by Python's own decimals.
 */
import { execFile } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { CodeClient } from "../../src/verify/client.ts";
import { CodeGrader } from "../../src/verify/livecodebench/grader.ts";
import { IN_JAVASCRIPT, type Problem, PROBLEMS } from "./programs.ts";

const SECONDS = 3;
const client = await CodeClient.start();
const { languages } = await client.health();
const grader = new CodeGrader(client, { seconds: SECONDS, totalSeconds: 60, memoryBytes: 2 ** 29 });
afterAll(() => client.close());

/** What Python finds defined there, and a call of the method with its arguments. */
const NAMES =
  "from typing import *\nfrom collections import *\nfrom itertools import *\nfrom functools import *\nfrom operator import *\nimport math, json, sys\n";
const CALL = (entry: string) =>
  `\nargs, due = json.loads(sys.stdin.readline())\nsys.exit(0 if Solution().${entry}(*args) == due else 9)\n`;
const COMPARE = `
import json, sys
from decimal import Decimal
def lines(t): return [l.strip() for l in t.strip().split("\\n")]
def same(a, b):
    if a == b: return True
    try: return [Decimal(x) for x in a.split()] == [Decimal(x) for x in b.split()]
    except Exception: return False
a, b = map(lines, json.load(sys.stdin))
sys.exit(0 if len(a) == len(b) and all(map(same, a, b)) else 9)`;

/** Not synchronous, so that connections that the server closes meanwhile are seen to close. */
function ended(command: string, words: readonly string[], input: string): Promise<{ ok: boolean; out: string }> {
  return new Promise((resolve) => {
    const options = { encoding: "utf8", timeout: 1000 * SECONDS, killSignal: "SIGKILL" } as const;
    const child = execFile(command, words, options, (error, out) => resolve({ ok: error === null, out }));
    child.stdin!.on("error", () => undefined).end(input);
  });
}

/** Whether a program passes all tests, run by hand. */
async function truth({ tests }: Problem, source: string, command: string, flag: string): Promise<boolean> {
  if (tests.kind === "call") {
    for (const { args, expected } of tests.tests) {
      const input = `${JSON.stringify([args, expected])}\n`;
      if (!(await ended(command, [flag, NAMES + source + CALL(tests.entry)], input)).ok) return false;
    }
    return true;
  }
  for (const { stdin, stdout } of tests.tests) {
    const { ok, out } = await ended(command, [flag, source], stdin);
    if (!ok || !(await ended("python3", ["-c", COMPARE], JSON.stringify([out, stdout]))).ok) return false;
  }
  return true;
}

describe.skipIf(!languages.includes("python"))("verdicts are those of Python and Node", () => {
  for (const [set, language, command, flag] of [
    [PROBLEMS, "python", "python3", "-c"],
    [IN_JAVASCRIPT, "javascript", process.execPath, "-e"],
  ] as const)
    for (const problem of set)
      for (const [name, source] of Object.entries(problem.programs))
        it(`${problem.id} in ${language}: ${name}`, async () => {
          const reply = `So:\n\`\`\`${language}\n${source}\n\`\`\``;
          const grade = await grader.grade({ tests: problem.tests, language }, reply);
          expect(grade.right, grade.reason).toBe(await truth(problem, source, command, flag));
          expect(grade.right).toBe(name.startsWith("right"));
        });
});
