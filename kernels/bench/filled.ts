/**
 * The memory of one token with the cache full: `npx tsx kernels/bench/filled.ts FOLDER CONTEXT BYTES` promises that many
 * bytes, puts drawn keys and values of CONTEXT - 1 tokens into the cache, runs the model for one token more, and prints
 * what it took. kernels/bench/results/filled.json is that of .cache/qwq-32b 4096 3221225472.
 */
import { readFileSync } from "node:fs";
import { QwQ } from "../../src/library/qwq.ts";
import { host } from "../../src/tensor.ts";

const [model, context, memory] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const qwq = await QwQ.load(model, { context, memory });
const { config } = qwq.checkpoint;
const width = config.keyHeads * config.headSize;
const { caches } = qwq.remember();
const PIECE = 64;
for (const cache of caches) {
  for (let done = 0; done < context - 1; done += PIECE) {
    const T = Math.min(PIECE, context - 1 - done);
    const rows = () => Float32Array.from({ length: T * width }, () => Math.random() - 0.5);
    cache.append(host<"T KD">([T, width], rows()), host<"T KD">([T, width], rows()));
  }
}
const start = performance.now();
const logits = await qwq.ops.download(qwq.forward([4340 % config.vocabulary], { caches }));
if (!logits.data.every(Number.isFinite)) throw new Error("logits that are not finite");
const seconds = (performance.now() - start) / 1000;
const peakBytes = 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]);
console.log(JSON.stringify({ context, memory, length: caches[0]!.length, seconds, peakBytes }));
qwq.close();
