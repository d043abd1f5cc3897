/**
 * Measures what the README states, and writes it to kernels/bench/results/core.json:
 *
 *   npm run bench            (SmolLM2 too, if `npm run setup` has fetched it)
 *
 * Speeds are medians of whole commands run as a user runs them; accuracies compare with golden/.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { smollm2Accuracy, tinyAccuracy } from "./accuracy.ts";
import { encodeSpeed } from "./encode.ts";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/src/cli/main.js");
const smollm2 = join(root, ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");

function bench(...args: string[]): object {
  return JSON.parse(
    execFileSync(process.execPath, [cli, "bench", "--json", "--backend", "reference", ...args], { encoding: "utf8" }),
  ) as object;
}

/** Peak resident memory (VmHWM) of `qwq run`, asked of the system while it runs. */
async function peakOfRun(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [cli, "run", "--quiet", "--backend", "reference", ...args], {
    stdio: "ignore",
  });
  let peak = 0;
  const timer = setInterval(() => {
    const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, "utf8") : "";
    peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 20);
  await new Promise((resolve) => child.on("exit", resolve));
  clearInterval(timer);
  return peak;
}

const result = {
  machine: { processor: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), node: process.version },
  tiny: { ...bench(), accuracy: await tinyAccuracy() },
  smollm2: existsSync(smollm2)
    ? {
        fileBytes: statSync(smollm2).size,
        ...bench("-m", smollm2, "--prompt", "64", "--generate", "32"),
        runPeakBytes: await peakOfRun("-m", smollm2, "--greedy", "--max-tokens", "64", "Why is the sky blue?"),
        accuracy: await smollm2Accuracy(smollm2),
      }
    : undefined,
  encode: encodeSpeed(root),
};
writeFileSync(join(root, "kernels/bench/results/core.json"), `${JSON.stringify(result, undefined, 2)}\n`);
console.log(JSON.stringify(result, undefined, 2));
