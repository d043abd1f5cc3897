/**
 * What it costs to keep keys and values in fewer bits: `npx tsx kernels/bench/kv.ts` writes results/kv.json.
 *
 * SmolLM2's perplexity on the recorded text (windows of 256, stride 128, its first 768 tokens), for each format. The
 * differences are exact: each window is computed anew, by the same reference.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { perplexity } from "../../src/generate/perplexity.ts";
import { reference } from "../../src/reference/index.ts";
import { goldenJson } from "../../test/support/golden.ts";
import { SMOLLM2 } from "../../test/support/real.ts";

const { config, weights } = openCheckpoint(SMOLLM2, { pin: 2 ** 30 });
const ids = goldenJson<{ ids: number[] }>("smollm2/perplexity.json").ids.slice(0, 768);
const heads = 2 * config.layers * config.keyHeads;
const bytes = {
  f32: 4 * heads * config.headSize,
  bf16: 2 * heads * config.headSize,
  int8: heads * (config.headSize + 4),
};

const results = [];
for (const kv of ["f32", "bf16", "int8"] as const) {
  const scores = perplexity({ ops: reference, weights, config, ids, kv, window: 256, stride: 128 });
  let last = await scores.next();
  while (!last.done) last = await scores.next();
  results.push({ kv, bytesPerToken: bytes[kv], perplexity: last.value.perplexity });
  console.log(results.at(-1));
}
writeFileSync(join(import.meta.dirname, "results/kv.json"), `${JSON.stringify(results, undefined, 2)}\n`);
