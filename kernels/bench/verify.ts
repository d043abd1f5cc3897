/**
 * What `qwq verify` costs: `npx tsx kernels/bench/verify.ts` writes results/verify.json.
 *
 * Over the same warm files, one after another in each round: sha256sum, openssl's sha256, and qwq verify, which in the same
 * pass computes sha256 and crc32 and looks at every value. Medians of the rounds, the start of each process included, which
 * weighs at this size; `load` is the machine's at the end, where other programs ran beside. The
 * models are random: QwQ's block, bfloat16, in several files and in one. It needs 250 MB of disk, in the system's temporary
 * folder.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/src/cli/main.js");
const ROUNDS = 3;

/** Seconds that a command takes, and those that processors work for it, which other programs disturb less. */
function seconds(...command: readonly string[]): { readonly real: number; readonly processor: number } {
  const script = "TIMEFORMAT='%R %U %S'; time \"$@\" > /dev/null 2>&1";
  const { stderr } = spawnSync("bash", ["-c", script, "bash", ...command], { encoding: "utf8" });
  const [real = 0, user = 0, system = 0] = stderr.trim().split(" ").map(Number);
  return { real, processor: user + system };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** A config of a model of 250 MB in bfloat16: a layer of half QwQ's sizes, a small vocabulary. */
function config(): string {
  const tiny = JSON.parse(readFileSync(join(root, "golden/model/tiny/config.json"), "utf8")) as object;
  const sizes = { hidden_size: 2560, intermediate_size: 13824, num_attention_heads: 20, num_key_value_heads: 4 };
  return JSON.stringify({ ...tiny, ...sizes, num_hidden_layers: 1 });
}

const folder = mkdtempSync(join(tmpdir(), "qwq-verify-"));
const results = [];
try {
  writeFileSync(join(folder, "config.json"), config());
  for (const [name, shardBytes] of [
    ["in several files", 60e6],
    ["in one file", 5e9],
  ] as const) {
    // prettier-ignore
    const model = join(folder, "model");
    const options = ["--config", join(folder, "config.json"), "--seed", "1", "--shard-bytes", `${shardBytes}`];
    execFileSync(process.execPath, [cli, "synth", model, ...options], { stdio: "ignore" });
    const files = readdirSync(model).map((file) => join(model, file));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const verify = [cli, "verify", model];
    const ways = [
      ["sha256sum", ["sha256sum", ...files]],
      ["openssl sha256", ["openssl", "dgst", "-sha256", ...files]],
      ["qwq verify, 1 thread", [process.execPath, ...verify, "--threads", "1"]],
      ["qwq verify", [process.execPath, ...verify]],
    ] as const;
    const rounds = Array.from({ length: ROUNDS }, () => ways.map(([, command]) => seconds(...command)));
    const rows = ways.map(([way], i) => ({
      way,
      bytesPerSecond: Math.round(bytes / median(rounds.map((round) => round[i]!.real))),
      bytesPerProcessorSecond: Math.round(bytes / median(rounds.map((round) => round[i]!.processor))),
    }));
    results.push({ name, files: files.length, bytes, rows });
    console.log(results.at(-1));
    rmSync(model, { recursive: true });
  }
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true });
}
const machine = { processor: cpus()[0]?.model, cores: availableParallelism(), node: process.version, load: loadavg() };
writeFileSync(
  join(import.meta.dirname, "results/verify.json"),
  `${JSON.stringify({ machine, rounds: ROUNDS, results }, undefined, 2)}\n`,
);
