/** The programs that the code execution server is timed with; every one differs from the one before. */
import type { RunRequest } from "../../src/verify/client.ts";

export const PROGRAMS: Readonly<Record<string, (i: number) => RunRequest>> = {
  "JavaScript, a function": (i) => ({
    language: "javascript",
    entry: "f",
    source: "function f(a, b) { let s = 0; for (let k = a; k <= b; k++) s += k * k; return s; }",
    tests: [1, 2, 3, 4].map((n) => ({ args: [i, i + n], expected: square(i, i + n) })),
  }),
  "JavaScript, a program": (i) => ({
    language: "javascript",
    source: "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b);",
    tests: [{ stdin: `${i} 5\n`, stdout: `${i + 5}\n` }],
  }),
  "Python, a function": (i) => ({
    language: "python",
    entry: "f",
    source: "def f(a, b): return sum(k * k for k in range(a, b + 1))",
    tests: [1, 2, 3, 4].map((n) => ({ args: [i, i + n], expected: square(i, i + n) })),
  }),
};

function square(a: number, b: number): number {
  let sum = 0;
  for (let k = a; k <= b; k++) sum += k * k;
  return sum;
}
