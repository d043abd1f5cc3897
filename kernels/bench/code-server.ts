/**
 * How many programs the code execution server judges in a second: small functions in JavaScript and Python, and programs
 * that read input, one process each, asked by 1, 4 and 16 at a time.
 *
 *   npm run bench:code
 *
 * Writes kernels/bench/results/code-server.json.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { CodeClient, type RunRequest } from "../../src/verify/client.ts";

const root = join(import.meta.dirname, "../..");
const SECONDS = 5;

const PROGRAMS: Readonly<Record<string, (i: number) => RunRequest>> = {
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

/** How many processes wanted a processor before it began: with more than a few the rates are those of a busy machine. */
const load = loadavg()[0];
const client = await CodeClient.start();
const { protections, languages } = await client.health();
const results = [];
for (const [name, program] of Object.entries(PROGRAMS)) {
  if (!languages.includes(program(0).language)) continue;
  for (const atOnce of [1, 4, 16]) {
    const times: number[] = [];
    let [asked, wrong] = [0, 0];
    const began = performance.now();
    const lane = async () => {
      while (performance.now() - began < SECONDS * 1000) {
        const from = performance.now();
        const { status } = await client.run(program(asked++));
        times.push(performance.now() - from);
        if (status !== "passed") wrong++;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    const perSecond = times.length / ((performance.now() - began) / 1000);
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!;
    results.push({ program: name, atOnce, perSecond, wrong, medianMs: at(0.5), p95Ms: at(0.95) });
    process.stderr.write(`${name}, ${atOnce} at once: ${perSecond.toFixed(1)} a second, ${wrong} wrong\n`);
  }
}
await client.close();
const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version, load };
const out = { machine, seconds: SECONDS, protections, results };
writeFileSync(join(root, "kernels/bench/results/code-server.json"), `${JSON.stringify(out, undefined, 2)}\n`);
