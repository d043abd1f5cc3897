/**
 * Fuzzing from the command line:
 *
 *   npm run fuzz                                        every target, 200,000 cases of most
 *   npm run fuzz -- --target gguf --cases 1000000       one of them, longer
 *   npm run fuzz -- --minutes 25                        all of them in turn, until the time is over
 *   npm run fuzz -- --target gguf --seed 7              with that seed in place of a fresh one
 *
 *   npm run fuzz -- --collect                           and saves a case of each outcome that the corpus has not
 *
 * Half of the cases come from seed 1, always the same; half from a fresh seed, which is printed. A case that breaks a
 * rule (run.ts) is saved into the corpus as FOUND-..., where `npm run test:system` fails until it is mended and renamed after the
 * outcome that it should have.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { save, saved } from "./corpus.ts";
import { runPool } from "./pool.ts";
import { both, type Finding, type Job, type Result, type Seen } from "./run.ts";
import { makeCase } from "./target.ts";
import { TARGETS } from "./targets.ts";

const FIXED = 1;
const CASES = 200_000;
/** Small readers; templates, which may take up to a second each; and whole models on disk. */
const FEWER: Readonly<Record<string, number>> = {
  quantization: 50_000,
  generation: 50_000,
  arguments: 50_000,
  sampler: 50_000,
  template: 5000,
  model: 2000,
};
const STEP = 2000;
const HANG_MILLISECONDS = 60_000;

const { values } = parseArgs({
  options: {
    target: { type: "string", multiple: true },
    cases: { type: "string" },
    seed: { type: "string" },
    minutes: { type: "string" },
    processes: { type: "string" },
    collect: { type: "boolean" },
  },
});

/** The number that an option gives. */
function number(name: "cases" | "seed" | "minutes" | "processes"): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`--${name}: expected a number above 0, got ${text}.`);
}

const targets = (values.target ?? TARGETS.map(({ name }) => name)).map((name) => {
  const target = TARGETS.find((one) => one.name === name);
  if (target !== undefined) return target;
  throw new Error(`--target: expected one of ${TARGETS.map((one) => one.name).join(", ")}, got ${name}.`);
});
const fresh = number("seed") ?? crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
const cases = number("cases");
const minutes = number("minutes");

/** Half of a target's cases, of each of the two seeds. */
function* inAll(): Generator<Job, undefined> {
  for (const { name } of targets) {
    const half = Math.ceil((cases ?? FEWER[name] ?? CASES) / 2);
    for (let from = 0; from < half; from += STEP) {
      const to = Math.min(from + STEP, half);
      for (const seed of [FIXED, fresh]) yield { target: name, seed, from, to };
    }
  }
}

/** Cases of each target in turn, until the time is over. */
function* inTime(milliseconds: number): Generator<Job, undefined> {
  const until = performance.now() + milliseconds;
  for (let from = 0; ; from += STEP) {
    for (const { name: target } of targets) {
      for (const seed of [FIXED, fresh]) {
        if (performance.now() > until) return;
        yield { target, seed, from, to: from + STEP };
      }
    }
  }
}

interface Total {
  cases: number;
  milliseconds: number;
  slowest: number;
  most: number;
  readonly outcomes: Map<string, Seen & { readonly seed: number }>;
}

const totals = new Map<string, Total>();
const findings: Finding[] = [];

function count({ target, seed, to, from }: Job, result: Result): void {
  const none: Total = { cases: 0, milliseconds: 0, slowest: 0, most: 0, outcomes: new Map() };
  const total = totals.get(target) ?? none;
  totals.set(target, total);
  total.cases += to - from;
  total.milliseconds += result.milliseconds;
  total.slowest = Math.max(total.slowest, result.slowest);
  total.most = Math.max(total.most, result.most);
  for (const [end, seen] of Object.entries(result.outcomes)) {
    const before = total.outcomes.get(end);
    const sum = both(before, seen);
    total.outcomes.set(end, { ...sum, seed: before !== undefined && sum.bytes === before.bytes ? before.seed : seed });
  }
  for (const finding of result.findings) report(finding);
}

function report(finding: Finding): void {
  const target = TARGETS.find(({ name }) => name === finding.target)!;
  const file = save(target, "FOUND", makeCase(target, finding.seed, finding.number));
  findings.push(finding);
  console.log(`${finding.target}: seed ${finding.seed}, case ${finding.number}: ${finding.why}. Saved as ${file}.`);
}

function print(): void {
  console.log("target            cases  accepted  outcomes  CPU us a case  slowest ms  most MiB");
  for (const [name, { cases, milliseconds, slowest, most, outcomes }] of totals) {
    const accepted = `${((100 * (outcomes.get("ok")?.times ?? 0)) / cases).toFixed(0)} %`;
    const cells = [
      `${cases}`.padStart(9),
      accepted.padStart(8),
      `${outcomes.size}`.padStart(8),
      ((1000 * milliseconds) / cases).toFixed(1).padStart(13),
      slowest.toFixed(1).padStart(10),
      (most / 2 ** 20).toFixed(1).padStart(8),
    ];
    console.log(`${name.padEnd(13)} ${cells.join("  ")}`);
  }
}

/** Saves the shortest case of each outcome that the corpus has not. */
function collect(): void {
  for (const target of targets) {
    const known = new Set(saved(target).map(({ outcome }) => outcome));
    for (const [end, { seed, number }] of totals.get(target.name)?.outcomes ?? []) {
      if (known.has(end) || /[^\w.]/.test(end)) continue;
      console.log(`New: ${save(target, end, makeCase(target, seed, number))}`);
    }
  }
}

console.log(`Seeds ${FIXED} and ${fresh} (again: --seed ${fresh}).`);
const began = performance.now();
await runPool(minutes === undefined ? inAll() : inTime(minutes * 60_000), {
  processes: number("processes") ?? Math.min(2, availableParallelism()),
  milliseconds: HANG_MILLISECONDS,
  onResult: count,
});
print();
if (values.collect === true) collect();
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`${findings.length === 0 ? "No" : findings.length} findings in ${seconds} s.`);
process.exitCode = findings.length === 0 ? 0 : 1;
