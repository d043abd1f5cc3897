/**
 * What rounding activations to bytes costs: perplexity and KL divergence on SmolLM2, for each format that a kernel takes, of
 * the wasm kernels with exact and with rounded activations, beside the reference on the same file.
 *
 *   npm run bench:activations       (npm run setup fetches SmolLM2; some ten minutes)
 *
 * The text is that of golden/smollm2/perplexity.json, of which Hugging Face's own perplexity is known.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { goldenJson } from "../../test/support/golden.ts";
import { compareRows, summary, type TokenScore } from "../../src/generate/against.ts";
import type { Feed } from "../../src/generate/feed.ts";
import { predictions, windowsOf } from "../../src/generate/windows.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { reference } from "../../src/reference/index.ts";
import { wasmBackend } from "../wasm/index.ts";

const root = join(import.meta.dirname, "../..");
const original = join(root, ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
const folder = join(root, ".cache/activations");
const TYPES = ["q8_0", "q6_k", "q4_k", "q4_0"];
const TOKENS = 1024;
const WINDOW = 512;

const { ids } = goldenJson<{ ids: number[] }>("smollm2/perplexity.json");
const text = Uint32Array.from(ids.slice(0, TOKENS));

/** The original, and what `qwq quantize` makes of it. */
function files(): [string, string][] {
  mkdirSync(folder, { recursive: true });
  const made = TYPES.map((type): [string, string] => {
    const path = join(folder, `${type}.gguf`);
    const cli = join(root, "dist/src/cli/main.js");
    if (!existsSync(path)) {
      execFileSync(process.execPath, [cli, "quantize", original, path, "--type", type, "--quiet"], {
        stdio: "inherit",
      });
    }
    return [type.toUpperCase(), path];
  });
  return [["Q4_1", original], ...made];
}

async function measure(name: string, path: string) {
  const { config, weights } = openCheckpoint(path, { pin: 2 ** 30 });
  const backends = {
    f32: await wasmBackend({ threads: 1, activations: "f32" }),
    int8: await wasmBackend({ threads: 1, activations: "int8" }),
  };
  const feedOf = (ops: Feed["ops"]): Feed => ({ ops, weights, caches: ops.cache(config, WINDOW) });
  const truth = feedOf(reference);
  const each = Object.entries(backends).map(([kind, ops]) => ({ kind, feed: feedOf(ops), scores: [] as TokenScore[] }));
  const { windows } = windowsOf({ ids: text, window: WINDOW, stride: WINDOW }, config);
  for (const window of windows) {
    const ours = each.map(({ feed }) => predictions(feed, text, window));
    for await (const { id, logits } of predictions(truth, text, window)) {
      for (const [i, { scores }] of each.entries()) {
        const { value } = await ours[i]!.next();
        scores.push(compareRows(logits, value!.logits, id));
      }
    }
    console.error(`${name}: ${window.end} of ${text.length} tokens`);
  }
  const { relaxed } = backends.int8;
  for (const ops of Object.values(backends)) ops.close();
  return { name, relaxed, ...Object.fromEntries(each.map(({ kind, scores }) => [kind, summary(scores)])) };
}

const models = [];
for (const [name, path] of files()) models.push(await measure(name, path));
const machine = { processor: cpus()[0]?.model, node: process.version };
const result = { machine, tokens: TOKENS, window: WINDOW, models };
const major = process.versions.node.split(".")[0];
const out = join(root, `kernels/bench/results/activations-node${major}.json`);
writeFileSync(out, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(JSON.stringify(result, undefined, 2));
