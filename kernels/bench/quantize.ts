/**
 * How fast weights are quantised: `npm run build && npx tsx kernels/bench/quantize.ts` writes results/quantize.json.
 *
 * Bytes of float32 a second, of one thread, by processor time (the best of three), so that a busy machine changes little;
 * beside it gguf-py's quantize in the same run, where it has one. And the most memory of `qwq quantize` on SmolLM2.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { narrowInt8 } from "../../src/quant/int8.ts";
import { NARROWS } from "../../src/quant/narrow.ts";
import { PYTHON, SMOLLM2 } from "../../test/support/real.ts";

const COUNT = 2 ** 21;
const root = join(import.meta.dirname, "../..");
const values = Float32Array.from({ length: COUNT }, () => 0.02 * (Math.random() + Math.random() + Math.random() - 1.5));
const into = new Uint8Array(4 * COUNT);

const encoders: readonly (readonly [string, () => void])[] = [
  ["int8", () => rows(4096)],
  ["int8-g32", () => rows(32)],
  ...["Q8_0", "Q5_0", "Q4_0", "Q4_K", "Q6_K"].map((name) => {
    const { format, narrow } = NARROWS.get(name)!;
    return [name, () => narrow(values, 0, COUNT / format.block, into, 0)] as const;
  }),
];

function rows(group: number): void {
  for (let at = 0; at < COUNT; at += group) narrowInt8(values, at, group, into, at);
}

/** The least processor time of three, in seconds, after one that warms up. */
function best(run: () => void): number {
  run();
  const each = [1, 2, 3].map(() => {
    const began = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1e6;
  });
  return Math.min(...each);
}

const folder = mkdtempSync(join(tmpdir(), "qwq-bench-"));
const command = [process.execPath, "dist/src/cli/main.js", "quantize", SMOLLM2, join(folder, "x"), "--type", "q8_0"];
const script = join(import.meta.dirname, "quantize.py");
const said = execFileSync(PYTHON, [script, `${COUNT}`, ...command], { cwd: root, encoding: "utf8" });
const theirs = JSON.parse(said) as { seconds: Record<string, number>; peakBytes: number };
rmSync(folder, { recursive: true });

const rate = (seconds: number) => Math.round((4 * COUNT) / seconds);
const types = encoders.map(([type, run]) => {
  const seconds = theirs.seconds[type];
  const [ours, ggufPy] = [rate(best(run)), seconds === undefined ? null : rate(seconds)];
  return { type, bytesPerSecond: ours, ggufPy, ratio: ggufPy === null ? null : Number((ours / ggufPy).toFixed(2)) };
});
const machine = `${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.version}`;
const result = { machine, values: COUNT, types, smollm2: { type: "q8_0", peakBytes: theirs.peakBytes } };
console.log(result);
writeFileSync(join(import.meta.dirname, "results/quantize.json"), `${JSON.stringify(result, undefined, 2)}\n`);
