/** Honest programs, each status once; the hostile ones stand in hostile.test.ts. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pool } from "../../../src/verify/server/pool.ts";
import { Pool as ThePool } from "../../../src/verify/server/pool.ts";
import { Sandbox } from "../../../src/verify/server/protections.ts";
import { readRequest } from "../../../src/verify/server/protocol.ts";
import { run } from "../../../src/verify/server/run.ts";

const sandbox = await Sandbox.open([]);
let pool: Pool;
beforeAll(() => {
  pool = new ThePool(sandbox, 2);
});
afterAll(async () => {
  await pool.close();
  sandbox.close();
});

const judge = (request: object, signal = new AbortController().signal) =>
  run(pool, readRequest({ language: "javascript", entry: "f", ...request }), signal);

describe("JavaScript functions", () => {
  const tests = [{ args: [1, 2], expected: 3 }];

  it("right, wrong and thrown, test by test", async () => {
    const source = "function f(a) { if (a > 2) throw new RangeError('too large'); return { twice: [2 * a] }; }";
    const verdict = await judge({
      source,
      tests: [
        { args: [1], expected: { twice: [2] } },
        { args: [2], expected: { twice: [5] } },
        { args: [3], expected: 0 },
        { args: [0], expected: { twice: [0] } },
      ],
    });
    expect(verdict).toMatchObject({ status: "failed", passed: 2, reason: "another result" });
    expect(verdict.tests.map(({ status, actual, reason }) => ({ status, actual, reason }))).toEqual([
      { status: "passed", actual: '{"twice":[2]}', reason: undefined },
      { status: "failed", actual: '{"twice":[4]}', reason: "another result" },
      { status: "error", actual: undefined, reason: "RangeError: too large" },
      { status: "passed", actual: '{"twice":[0]}', reason: undefined },
    ]);
  });

  it.each([
    ["a promise", "const f = async (a, b) => { await new Promise((r) => setTimeout(r, 5)); return a + b; }"],
    ["a method", "class S { #n = 0; f(a, b) { return this.#n + a + b; } }", "S.f"],
    ["the last expression", "(a, b) => a + b", undefined],
    ["output on the way", "function f(a, b) { console.log('hm', a); console.error(b); return a + b; }"],
    ["a big integer that is not big", "const f = (a, b) => BigInt(a) + BigInt(b);"],
  ])("%s", async (_, source, ...entry) => {
    const named = entry.length > 0 ? { entry: entry[0] } : {};
    expect(await judge({ source, tests, ...named })).toMatchObject({ status: "passed" });
  });

  it.each([
    ["undefined", "() => undefined", "undefined"],
    ["NaN", "() => NaN", "NaN"],
    ["a big integer", "() => 2n ** 60n", "1152921504606846976n"],
    ["a function", "() => () => 1", "a function"],
  ])("%s is no JSON, and so never what was expected", async (_, f, actual) => {
    const verdict = await judge({ source: `const f = ${f}`, tests: [{ args: [], expected: null }] });
    expect(verdict.tests[0]).toMatchObject({ status: "failed", actual });
  });

  it.each([
    ["does not parse", "function f( {", "SyntaxError: "],
    ["has no such function", "const g = 1;", "ReferenceError: f is not defined"],
    ["has something else of that name", "const f = 1;", "TypeError: f is not a function"],
    ["throws at once", "throw new Error('no');", "Error: no"],
    ["throws no error", "function f() { throw { toString() { throw 1; } }; }", "something that cannot be written"],
    ["asks for Node", "const f = () => require('fs')", "ReferenceError: require is not defined"],
  ])("what %s is an error", async (_, source, reason) => {
    const verdict = await judge({ source, tests });
    expect(verdict.status).toBe("error");
    expect(verdict.reason).toContain(reason);
  });

  it("limits end in their own verdicts", async () => {
    const endless = await judge({ source: "function f() { for (;;); }", tests, limits: { seconds: 0.3 } });
    expect(endless).toMatchObject({ status: "timeout" });
    expect(endless.seconds).toBeLessThan(10);
    const grow = "const f = () => { const all = []; for (;;) all.push(Array(1000).fill(all.length)); }";
    expect(await judge({ source: grow, tests, limits: { seconds: 20 } })).toMatchObject({ status: "memory" });
    const long = "const f = () => 'x'.repeat(2e6);";
    expect(await judge({ source: long, tests })).toMatchObject({ status: "output" });
  });

  it("stops at the first that fails where told; skips those that cannot be run", async () => {
    const three = [{ args: [], expected: 0 }, ...tests, ...tests];
    const source = "function f(a, b) { return a + b; }";
    const statuses = async (request: object) => (await judge(request)).tests.map((test) => test.status);
    expect(await statuses({ source, tests: three, stopAtFirst: true })).toEqual(["failed", "skipped", "skipped"]);
    const dies = "function f(a, b) { if (a) for (;;); return 0; }";
    const limits = { seconds: 0.3 };
    expect(await statuses({ source: dies, tests: three, limits })).toEqual(["passed", "timeout", "skipped"]);
  });

  it("ends when nobody waits any more", async () => {
    const left = new AbortController();
    setTimeout(() => left.abort(), 50);
    const verdict = await judge({ source: "for (;;);", tests, limits: { seconds: 30 } }, left.signal);
    expect(verdict.seconds).toBeLessThan(10);
    expect(verdict.status).not.toBe("passed");
  });
});

describe("JavaScript programs that read their input", () => {
  const sum = "const s = require('fs').readFileSync(0, 'utf8'); console.log(eval(s.trim().split(' ').join('+')));";

  it("right and wrong, a process each", async () => {
    const tests = [
      { stdin: "1 2 3\n", stdout: "6\n" },
      { stdin: "4 5", stdout: "8" },
      { stdin: "6", stdout: undefined },
    ];
    const verdict = await judge({ source: sum, tests });
    expect(verdict.tests.map(({ status, actual }) => [status, actual])).toEqual([
      ["passed", "6\n"],
      ["failed", "9\n"],
      ["passed", "6\n"],
    ]);
  });

  it.each([
    ["by its events", "let s = ''; process.stdin.on('data', (d) => (s += d)).on('end', () => console.log(s.length));"],
    [
      "line by line",
      "require('readline').createInterface({ input: process.stdin }).on('line', (l) => console.log(l.length));",
    ],
    ["as a file", "console.log(require('fs').readFileSync('/dev/stdin', 'utf8').length)"],
  ])("input %s", async (_, source) => {
    expect(await judge({ source, tests: [{ stdin: "abc", stdout: "3" }] })).toMatchObject({ status: "passed" });
  });

  it("an end with a code is an error, with what was said last", async () => {
    const source = "console.log(1); throw new Error('badly');";
    const verdict = await judge({ source, tests: [{ stdin: "", stdout: "1" }] });
    expect(verdict).toMatchObject({ status: "error", tests: [{ actual: "1\n" }] });
    expect(verdict.reason).toContain("Error: badly");
  });
});

it.skipIf(!existsSync("/proc/self/schedstat"))(
  "the time that other processes take from a program is not the program's",
  async () => {
    // 150 ms of a processor, of 400 that are allowed, while each has three processes to serve.
    const source =
      "const t = process.cpuUsage(); for (;;) { const u = process.cpuUsage(t); if (u.user + u.system > 150e3) break; }";
    const others = Array.from({ length: 2 * availableParallelism() }, () =>
      spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
    );
    try {
      const verdict = await judge({ source, tests: [{ stdin: "" }], limits: { seconds: 0.4 } });
      expect(verdict).toMatchObject({ status: "passed" });
      const endless = await judge({ source: "for (;;);", tests: [{ stdin: "" }], limits: { seconds: 0.4 } });
      expect(endless.status).toBe("timeout");
      expect(endless.seconds).toBeLessThan(20);
    } finally {
      for (const other of others) other.kill("SIGKILL");
    }
  },
);

describe.skipIf(!sandbox.languages.includes("python"))("Python", () => {
  it("functions and methods", async () => {
    const tests = [
      { args: [1, 2], expected: [3, { "1": null }] },
      { args: [2, 2], expected: [5, {}] },
      { args: ["a", 1], expected: 0 },
    ];
    const source = "class S:\n  def f(self, a, b):\n    print('hm')\n    return a + b, {1: None}";
    const verdict = await judge({ language: "python", source, tests, entry: "S.f" });
    expect(verdict.tests.map((test) => test.status)).toEqual(["passed", "failed", "error"]);
    expect(verdict.tests[2]!.reason).toContain("TypeError: ");
  });

  it.each([
    ["passed", "print(sum(map(int, input().split())))"],
    ["failed", "print(5)"],
    ["error", "raise ValueError('no')"],
    ["error", "print(6"],
    ["memory", "x = [1] * 10**9"],
    ["timeout", "while True: pass"],
    ["output", "while True: print('x' * 1000)"],
  ])("%s: %s", async (status, source) => {
    const tests = [{ stdin: "1 2 3\n", stdout: "6" }];
    expect(await judge({ language: "python", source, tests, limits: { seconds: 1 } })).toMatchObject({ status });
  });
});
