/**
 * How fast a checkpoint larger than memory is run from disk, against reading its files plainly, and writes it to
 * kernels/bench/results/streaming.json:
 *
 *   npx qwq synth .cache/qwq-32b --config qwq-32b --seed 1
 *   npm run build && npx tsx kernels/bench/streaming.ts [FOLDER] [ROUNDS] [prompt|lent]
 *
 * In each round, one after the other: every file read from its beginning to its end into one buffer of 8 MiB; one token
 * by `qwq run --io=pread`; one by `--io=mmap`; with "prompt", in the first round, 16 tokens. With "lent", instead:
 * the files read plainly, then every window of a token lent and nothing computed, which is what reading ahead can give. Before each the system is told to forget the files.
 * Memory is promised to be 3 GiB at a context of 4,096. Linux with koffi.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { type AnyTensor, isStored } from "../../src/tensor.ts";
import { forget, plain, type Reading, reading, run } from "./from-disk.ts";

const root = join(import.meta.dirname, "../..");
const model = process.argv[2] ?? join(root, ".cache/qwq-32b");
const rounds = Number(process.argv[3] ?? 3);
const mode = process.argv[4];
const shards = readdirSync(model)
  .filter((name) => name.endsWith(".safetensors"))
  .map((name) => join(model, name));

/** Every matrix of a token lent a mebibyte at a time, in order, read ahead by the thread, and nothing computed. */
function lent(): Reading {
  forget(shards);
  const checkpoint = openCheckpoint(model, { io: "pread" });
  const { weights } = checkpoint;
  const start = performance.now();
  let bytes = 0;
  const walk = (tensor: AnyTensor) => {
    if (!isStored(tensor)) return;
    const [rows = 0, columns = 0] = tensor.shape;
    const step = Math.max(1, Math.floor(2 ** 19 / columns));
    for (let row = 0; row < rows; row += step) {
      tensor.window(row, Math.min(step, rows - row), (window) => (bytes += window.length));
    }
  };
  for (const [, W] of weights.layers())
    for (const tensor of [W.Wq, W.Wk, W.Wv, W.Wo, W.Wgate, W.Wup, W.Wdown]) walk(tensor);
  walk(weights.U);
  const made = reading(bytes, (performance.now() - start) / 1000);
  checkpoint.close();
  return made;
}

/** Seconds to open the folder, everything validated but the weights' values. */
function opening(): number[] {
  return Array.from({ length: 6 }, () => {
    const start = performance.now();
    openCheckpoint(model).close();
    return (performance.now() - start) / 1000;
  }).slice(1);
}

const checkpoint = openCheckpoint(model);
const { channels } = checkpoint.config;
const embedding = checkpoint.source.tensors.get("model.embed_tokens.weight")!.bytes;
const weights = [...checkpoint.source.tensors.values()].reduce((sum, { bytes }) => sum + bytes, 0);
checkpoint.close();
const whole = { path: model, files: shards, perToken: weights - embedding + 2 * channels };

const RESULTS = join(root, "kernels/bench/results/streaming.json");
if (mode === "lent") {
  const pairs = Array.from({ length: rounds }, () => ({ plain: plain(shards), lent: lent() }));
  const before = JSON.parse(readFileSync(RESULTS, "utf8")) as object;
  writeFileSync(RESULTS, `${JSON.stringify({ ...before, lent: pairs }, undefined, 2)}\n`);
  process.exit();
}

const folder = mkdtempSync(join(tmpdir(), "streaming-"));
const made = [];
for (let round = 0; round < rounds; round++) {
  const one = [4340];
  const sixteen = Array.from({ length: 16 }, (_, i) => 4340 + i);
  const sides = {
    plain: plain(shards),
    pread: await run(whole, one, ["--io", "pread"], folder),
    mmap: await run(whole, one, ["--io", "mmap"], folder),
    ...(mode === "prompt" && round === 0 ? { prompt16: await run(whole, sixteen, ["--io", "pread"], folder) } : {}),
  };
  made.push(sides);
  console.log(JSON.stringify(sides));
}
rmSync(folder, { recursive: true });
const result = {
  machine: {
    processor: cpus()[0]?.model,
    cores: cpus().length,
    memory: totalmem(),
    node: process.version,
    kernel: execFileSync("uname", ["-r"], { encoding: "utf8" }).trim(),
  },
  weights,
  shards: shards.length,
  opening: opening(),
  rounds: made,
};
writeFileSync(RESULTS, `${JSON.stringify(result, undefined, 2)}\n`);
