/**
 * A training step by kernels/training against PyTorch on this machine's CPU, and replies drawn. Into results/training.json:
 *
 *   npm run bench:training -- [--rounds 10] [--threads 2] [--nodes NODE,NODE]
 *
 * A step is forward, backward, clipping and AdamW of the same model (that of golden's own size: 4 layers of 160 channels) on the
 * same batch, by as many threads, in turns: one of ours, one of torch's, each round. Batches are of one length, so that torch has
 * nothing to pad, and of lengths from 30 to 149, where it pads. The losses of every step are compared.
 * `loads` is the machine's load before and after: 2 means that nothing else ran.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Random } from "../../src/generate/random.ts";
import { host } from "../../src/tensor.ts";
import type { Learner, Lesson } from "../../src/training/learner.ts";
import { named, type Parameters } from "../../src/training/parameters.ts";
import { openLearner } from "../training/index.ts";
import { NODE24, PYTHON, root } from "./peers/places.ts";

const SIZES = { layers: 4, C: 160, HD: 160, KD: 32, D: 16, F: 432, V: 512 } as const;
const MODEL = { rope: { D: SIZES.D, theta: 10_000, yarn: undefined }, eps: 1e-5 };
const RATE = 1e-3;
const random = new Random(8);

/** Drawn weights: gains of 1, the rest small. */
function drawn(): Parameters {
  const { layers, C, HD, KD, F, V } = SIZES;
  const matrix = <A extends string>(...shape: number[]) =>
    host<A>(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.08 * (random.fraction() - 0.5)),
    );
  const gain = () => host<"C">([C], new Float32Array(C).fill(1));
  const layer = () => ({
    ...{ g1: gain(), Wq: matrix<"HD C">(HD, C), bq: matrix<"HD">(HD), Wk: matrix<"KD C">(KD, C), bk: matrix<"KD">(KD) },
    ...{ Wv: matrix<"KD C">(KD, C), bv: matrix<"KD">(KD), Wo: matrix<"C HD">(C, HD), g2: gain() },
    ...{ Wgate: matrix<"F C">(F, C), Wup: matrix<"F C">(F, C), Wdown: matrix<"C F">(C, F) },
  });
  const all = Array.from({ length: layers }, layer);
  return { E: matrix<"V C">(V, C), layers: all, g: gain(), U: matrix<"V C">(V, C) };
}

function lessons(lengths: readonly number[]): Lesson[] {
  const tokens = lengths.reduce((a, b) => a + b);
  return lengths.map((T) => {
    const ids = Uint32Array.from({ length: T + 1 }, () => Math.floor(random.fraction() * SIZES.V));
    return { ids: ids.slice(0, -1), targets: ids.slice(1), weights: new Float32Array(T).fill(1 / tokens) };
  });
}

const BATCHES: Readonly<Record<string, readonly number[]>> = {
  "64 x 96": Array.from({ length: 64 }, () => 96),
  "64 x 30-149": Array.from({ length: 64 }, (_, i) => 30 + ((i * 37) % 120)),
};

/** A step's loss and seconds. */
interface Step {
  readonly loss: number;
  readonly seconds: number;
}

/** PyTorch in its own process, which takes a step when it is told to. */
async function torch(p: Parameters, batch: readonly Lesson[], threads: number, folder: string) {
  const parameters = join(folder, "parameters.bin");
  const tensors = [...named(p)];
  writeFileSync(parameters, Buffer.concat(tensors.map(([, { data }]) => new Uint8Array(data.buffer))));
  const about = {
    ...{
      parameters,
      threads,
      shapes: tensors.map(([name, { shape }]) => [name, shape]),
      layers: SIZES.layers,
      D: SIZES.D,
    },
    ...{ eps: MODEL.eps, theta: MODEL.rope.theta, rate: RATE, weight: batch[0]!.weights[0]! },
    ...{ ids: batch.map(({ ids }) => [...ids]), targets: batch.map(({ targets }) => [...targets]) },
  };
  const child = spawn(PYTHON, [join(import.meta.dirname, "training.py"), JSON.stringify(about)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string) as unknown;
  const { torch: version } = (await next()) as { torch: string };
  const step = async () => {
    child.stdin.write("step\n");
    return (await next()) as Step;
  };
  return { version, step, end: () => child.stdin.end() };
}

async function ours(learner: Learner, batch: readonly Lesson[]): Promise<Step> {
  const began = performance.now();
  const { loss } = await learner.learn(batch);
  await learner.update({ rate: RATE, norm: 1 });
  return { loss, seconds: (performance.now() - began) / 1000 };
}

const sorted = (x: readonly number[]) => [...x].sort((a, b) => a - b);
const median = (x: readonly number[]) => sorted(x)[x.length >> 1]!;
const four = (x: number) => Number(x.toPrecision(4));
const spread = (x: readonly number[]) => ({
  median: four(median(x)),
  least: four(Math.min(...x)),
  most: four(Math.max(...x)),
});

/** Tokens a second of both, and their ratio, round by round. */
async function steps(lengths: readonly number[], rounds: number, threads: number) {
  const folder = mkdtempSync(join(tmpdir(), "qwq-training-"));
  const [p, batch] = [drawn(), lessons(lengths)];
  const tokens = lengths.reduce((a, b) => a + b);
  const learner = await openLearner(p, MODEL, { threads });
  const peer = await torch(p, batch, threads, folder);
  const [own, theirs, ratio]: [number[], number[], number[]] = [[], [], []];
  let apart = 0;
  try {
    for (let round = -2; round < rounds; round++) {
      const [a, b] = [await ours(learner, batch), await peer.step()];
      apart = Math.max(apart, Math.abs(a.loss / b.loss - 1));
      if (round < 0) continue; // both compile and allocate at first
      own.push(tokens / a.seconds);
      theirs.push(tokens / b.seconds);
      ratio.push(b.seconds / a.seconds);
    }
  } finally {
    peer.end();
    await learner.close();
    rmSync(folder, { recursive: true });
  }
  return {
    tokens,
    own: spread(own),
    torch: spread(theirs),
    ratio: spread(ratio),
    apart: four(apart),
    version: peer.version,
  };
}

/** Drawn tokens a second: 256 replies of 64 tokens to prompts of 20. */
async function draws(rounds: number, threads: number) {
  const learner = await openLearner(drawn(), MODEL, { threads });
  const prompts = lessons(Array.from({ length: 256 }, () => 20)).map(({ ids }) => ids);
  const settings = {
    "temperature 1": { temperature: 1 },
    "0.6, top-k 40, top-p 0.95": { temperature: 0.6, topK: 40, topP: 0.95 },
  };
  const found: Record<string, ReturnType<typeof spread>> = {};
  for (const [name, how] of Object.entries(settings)) {
    const speeds: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const began = performance.now();
      const drawn = await learner.draw(prompts, { ...how, limit: 64, stop: [], seed: round + 1 });
      const tokens = drawn.reduce((sum, { ids }) => sum + ids.length, 0);
      if (round >= 0) speeds.push((1000 * tokens) / (performance.now() - began));
    }
    found[name] = spread(speeds);
  }
  await learner.close();
  return found;
}

async function measured(rounds: number, threads: number) {
  const found: Record<string, Awaited<ReturnType<typeof steps>>> = {};
  for (const [name, lengths] of Object.entries(BATCHES)) found[name] = await steps(lengths, rounds, threads);
  return { node: process.version, steps: found, drawn: await draws(Math.ceil(rounds / 2), threads) };
}

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string" }, threads: { type: "string" }, nodes: { type: "string" } },
  allowPositionals: true,
});
const [rounds, threads] = [Number(values.rounds ?? 10), Number(values.threads ?? 2)];
if (positionals[0] === "measure") console.log(JSON.stringify(await measured(rounds, threads)));
else if (process.argv[1] === import.meta.filename) {
  const nodes = values.nodes?.split(",") ?? [process.execPath, NODE24].filter((node) => existsSync(node));
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const arguments_ = ["measure", "--rounds", String(rounds), "--threads", String(threads)];
  const before = loadavg()[0]!;
  const said = nodes.map(
    (node) =>
      JSON.parse(execFileSync(node, [tsx, import.meta.filename, ...arguments_], { encoding: "utf8" })) as object,
  );
  const loads = [before, loadavg()[0]!].map(four);
  const machine = { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length, loads };
  const result = { date: new Date().toISOString().slice(0, 10), machine, threads, rounds, model: SIZES, nodes: said };
  writeFileSync(join(root, "kernels/bench/results/training.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(JSON.stringify(result, undefined, 2));
}
