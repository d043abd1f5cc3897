/**
 * What a token costs, by how much came before it, by how long the prompt is, and by threads: the 0.5B shape in Q8_0.
 *
 *   npm run bench:cost       (npx tsx kernels/bench/peers/install.ts makes the model; four minutes)
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { QwQ } from "../../src/library/qwq.ts";
import { wasmBackend } from "../wasm/index.ts";
import { MODELS, root } from "./peers/places.ts";
import { median } from "./peers/table.ts";
import type { Cost, Spread } from "./cost-picture.ts";

const CONTEXTS = [128, 512, 1024, 2048, 4096];
const PROMPTS = [1, 4, 16, 64, 256, 1024];
const ROUNDS = 5;
const PROMPT_ROUNDS = 3;

const drawn = (length: number) => Uint32Array.from({ length }, (_, i) => 1000 + ((i * 7919) % 100_000));

function spread(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Milliseconds of single tokens after each context, in turn; the caches are as before after each. */
async function contexts(qwq: QwQ) {
  const { config } = qwq.checkpoint;
  const memories = [];
  for (const context of CONTEXTS) {
    const memory = { caches: qwq.ops.cache(config, context + 8, "f32"), ids: [] };
    await qwq.answer(drawn(context), { memory, maxTokens: 1, greedy: true });
    memories.push({ context, memory, times: [] as number[] });
    console.error(`context ${context}: read`);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { context, memory, times } of memories) {
      for (let i = 0; i < 4; i++) {
        const began = performance.now();
        await qwq.ops.download(qwq.forward([1 + i], { caches: memory.caches }));
        times.push(performance.now() - began);
        for (const cache of memory.caches) cache.truncate(context);
      }
    }
  }
  return memories.map(({ context, times }) => ({ context, milliseconds: spread(times) }));
}

/** Tokens a second of reading a prompt. */
async function prompts(qwq: QwQ) {
  const speeds = PROMPTS.map((tokens) => ({ tokens, each: [] as number[] }));
  for (let round = 0; round < PROMPT_ROUNDS; round++) {
    for (const { tokens, each } of speeds) {
      const { timings } = await qwq.answer(drawn(tokens), { maxTokens: 1, greedy: true });
      each.push(timings.promptTokens / timings.promptSeconds);
    }
  }
  return speeds.map(({ tokens, each }) => ({ tokens, tokensPerSecond: spread(each) }));
}

/** Both speeds on one thread and on several, in turn. */
async function threads(models: readonly QwQ[], counts: readonly number[]) {
  const runs = counts.map((threads, i) => ({
    threads,
    qwq: models[i]!,
    read: [] as number[],
    written: [] as number[],
  }));
  for (let round = 0; round < PROMPT_ROUNDS; round++) {
    for (const { qwq, read, written } of runs) {
      const { timings } = await qwq.answer(drawn(128), { maxTokens: 33, greedy: true, onLoop: "ignore" });
      read.push(timings.promptTokens / timings.promptSeconds);
      written.push(timings.tokens / timings.seconds);
    }
  }
  return runs.map(({ threads, read, written }) => ({ threads, read: spread(read), written: spread(written) }));
}

const counts = Array.from({ length: cpus().length }, (_, i) => i + 1);
const models = await Promise.all(
  counts.map(async (threads) => QwQ.load(MODELS.q8_0, { backend: await wasmBackend({ threads }), context: 4200 })),
);
for (const qwq of models) await qwq.answer(drawn(8), { maxTokens: 2, greedy: true }); // weights come in
const most = models.at(-1)!;
const machine = { processor: cpus()[0]!.model, cores: cpus().length, node: process.version };
const cost: Cost = {
  machine,
  prompts: await prompts(most),
  threads: await threads(models, counts),
  contexts: await contexts(most),
};
for (const qwq of models) qwq.close();
writeFileSync(join(root, "kernels/bench/results/cost.json"), `${JSON.stringify(cost, undefined, 2)}\n`);
