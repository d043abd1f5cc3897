/**
 * How many programs the code execution server judges in a second: small functions in JavaScript and Python, and programs
 * that read input, one process each, asked by 1, 4 and 16 at a time.
 *
 *   npm run bench:code                on a quiet machine; writes kernels/bench/results/code-server.json
 *   npm run bench:code -- --parts     where the processor's time of a run goes (code-parts.ts), on any machine
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { CodeClient } from "../../src/verify/client.ts";
import { printParts } from "./code-parts.ts";
import { PROGRAMS } from "./code-programs.ts";

const root = join(import.meta.dirname, "../..");
const SECONDS = 5;

if (process.argv.includes("--parts")) {
  await printParts(Number(process.argv[process.argv.indexOf("--parts") + 1] ?? 12));
  process.exit();
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
