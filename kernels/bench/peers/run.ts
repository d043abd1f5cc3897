/**
 * Measures this package beside other engines, tokens a second, into kernels/bench/results/peers.json:
 *
 *   npm run bench:peers -- [--rounds 3] [--engines ours,llama.cpp/q8_0] [--backend wasm] [--activations int8]
 *                          [--node NODE] [--prompt 128] [--generate 48] [--repeat 3] [--out FILE] [--through COMMAND]
 *
 * A round measures every engine in turn, each in a process of its own, so that what else the machine does meets all of
 * them alike; the median of `repeat` runs is that process's figure, all of which are kept. Before each round the memory's plain reading
 * is measured, by one and by two threads. --engines takes beginnings of names: "ours/q8_0/2" is engine, model, threads.
 * --through is a command that each process is started by, such as "taskset -c 0,1".
 * install.ts fetches the engines and makes the models; one that is not there is named and left out.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Engine, ENGINES, missing, type Settings } from "./engines.ts";
import { root } from "./places.ts";
import type { Said } from "./said.ts";
import { median, type Peers, type Run, table } from "./table.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    engines: { type: "string", default: "" },
    backend: { type: "string", default: "wasm" },
    activations: { type: "string", default: "int8" },
    node: { type: "string", default: process.execPath },
    prompt: { type: "string", default: "128" },
    generate: { type: "string", default: "48" },
    repeat: { type: "string", default: "3" },
    through: { type: "string", default: "" },
    out: { type: "string", default: join(root, "kernels/bench/results/peers.json") },
  },
});

const settings: Settings = {
  prompt: Number(values.prompt),
  generate: Number(values.generate),
  repeat: Number(values.repeat),
  backend: values.backend,
  activations: values.activations,
  node: values.node,
};

const through = values.through.split(" ").filter((word) => word !== "");

/** The last line of what a process prints, as JSON. */
function said(...command: readonly string[]): unknown {
  const [program = "", ...args] = [...through, ...command];
  const text = execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26 });
  return JSON.parse(text.trim().startsWith("{") ? text.trim() : text.trim().split("\n").at(-1)!);
}

interface Speed {
  readonly tokensPerSecond: number;
}

/** What `qwq bench --json` says. */
interface Bench {
  readonly load: { readonly seconds: number };
  readonly prefill: Speed;
  readonly decode: Speed;
  readonly peakBytes: number;
  readonly backend: string;
  readonly threads: number;
}

function once(engine: Engine): Run {
  const made = said(...engine.command(settings)) as Said | Bench;
  const seconds = made.load;
  if (typeof seconds !== "number") {
    const { prefill, decode, peakBytes, backend, threads } = made as Bench;
    const version = `qwq-ts, ${backend}, ${threads} threads`;
    const speeds = { prefill: prefill.tokensPerSecond, decode: decode.tokensPerSecond };
    return { ...speeds, load: seconds.seconds, peakBytes, version };
  }
  const { runs, version, peakBytes } = made as Said;
  const prefill = settings.prompt / median(runs.map((run) => run.prefill));
  const decode = settings.generate / median(runs.map((run) => run.decode));
  return { prefill, decode, load: seconds, version, ...(peakBytes === undefined ? {} : { peakBytes }) };
}

function reading(threads: number): number {
  const script = [join(root, "node_modules/tsx/dist/cli.mjs"), join(import.meta.dirname, "bandwidth.ts")];
  return (said(process.execPath, ...script, `${threads}`) as { bytesPerSecond: number }).bytesPerSecond;
}

const wanted = values.engines.split(",").filter((name) => name !== "");
const chosen = ENGINES.filter(({ id }) => wanted.length === 0 || wanted.some((name) => id.startsWith(name)));
if (chosen.length === 0) {
  const names = ENGINES.map(({ id }) => id).join(", ");
  throw new Error(`--engines: expected beginnings of ${names}, got ${values.engines}. Name one of these.`);
}
const absent = chosen.filter((engine) => missing(engine).length > 0);
for (const engine of absent) console.error(`${engine.id}: left out, there is no ${missing(engine).join(", ")}`);

const began = performance.now();
const rounds: Peers["rounds"][number][] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  const memory = { one: reading(1), two: reading(2) };
  const runs: Record<string, Run> = {};
  for (const engine of chosen.filter((one) => !absent.includes(one))) {
    const run = once(engine);
    runs[engine.id] = run;
    console.error(`round ${round}: ${engine.id}: ${run.prefill.toFixed(1)}, ${run.decode.toFixed(1)} tokens/s`);
  }
  rounds.push({ memory, runs });
}
const node = execFileSync(settings.node, ["--version"], { encoding: "utf8" }).trim();
const result: Peers = {
  machine: { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length, memory: totalmem(), node },
  settings: { ...settings, node },
  seconds: (performance.now() - began) / 1000,
  absent: absent.map(({ id }) => id),
  rounds,
};
writeFileSync(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(table(result));
