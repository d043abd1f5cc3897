/**
 * What number formats cost, on a real model: `npx tsx kernels/bench/quantisation.ts FOLDER [NAME...]` compares the models
 * FOLDER/NAME or FOLDER/NAME.gguf (all of them unless told) with SmolLM2-135M as its Q4_1 file has it, and puts what it
 * finds into results/quantisation.json. kernels/bench/quantised.py writes those that Python can write, `qwq quantize` ours.
 *
 * As `qwq perplexity --against` with windows of 256 tokens that do not overlap, on the first 1,024 tokens of
 * golden/smollm2/text.txt; but the source reads the text once for all models, side by side.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Checkpoint, openCheckpoint } from "../../src/files/checkpoint.ts";
import { compareRows, type Comparison, summary, type TokenScore } from "../../src/generate/against.ts";
import { predictions, windowsOf } from "../../src/generate/windows.ts";
import { reference } from "../../src/reference/index.ts";
import { goldenJson } from "../../test/support/golden.ts";
import { SMOLLM2 } from "../../test/support/real.ts";

const TOKENS = 1024;
const WINDOW = 256;
const RESULTS = join(import.meta.dirname, "results/quantisation.json");

interface Results {
  readonly tokens: number;
  readonly window: number;
  readonly sourceBytes: number;
  readonly models: Record<string, Comparison & { readonly bytes: number }>;
}

interface Candidate {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  readonly tokens: TokenScore[];
}

const bytesOf = ({ source }: Checkpoint): number =>
  [...source.tensors.values()].reduce((sum, { bytes }) => sum + bytes, 0);
const open = (path: string): Checkpoint => openCheckpoint(path, { pin: 2 ** 30 });
const feedOf = ({ config, weights }: Checkpoint) => {
  const caches = reference.cache(config, WINDOW);
  return { ops: reference, weights, caches, chunk: 128 };
};

/** Every window by the source, and beside it by each candidate. */
async function compareAll(source: Checkpoint, candidates: readonly Candidate[]): Promise<void> {
  const ids = Uint32Array.from(goldenJson<{ ids: number[] }>("smollm2/perplexity.json").ids.slice(0, TOKENS));
  const truth = feedOf(source);
  const models = candidates.map(({ tokens, checkpoint }) => ({ tokens, feed: feedOf(checkpoint) }));
  for (const window of windowsOf({ ids, window: WINDOW, stride: WINDOW }, source.config).windows) {
    const running = models.map(({ tokens, feed }) => ({ tokens, rows: predictions(feed, ids, window) }));
    for await (const { id, logits } of predictions(truth, ids, window)) {
      for (const { tokens, rows } of running) tokens.push(compareRows(logits, (await rows.next()).value!.logits, id));
    }
    save(source, candidates);
    for (const { name, tokens } of candidates) console.log(window.end, name, summary(tokens).kl.mean);
  }
}

/** After each window. What was measured of other models stays. */
function save(source: Checkpoint, candidates: readonly Candidate[]): void {
  const fresh: Results = { tokens: TOKENS, window: WINDOW, sourceBytes: bytesOf(source), models: {} };
  const before = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, "utf8")) as Results) : fresh;
  const measured = candidates.map(({ name, checkpoint, tokens }) => {
    return [name, { bytes: bytesOf(checkpoint), ...summary(tokens) }] as const;
  });
  const models = { ...before.models, ...Object.fromEntries(measured) };
  writeFileSync(RESULTS, `${JSON.stringify({ ...fresh, models }, undefined, 2)}\n`);
}

const [folder = "", ...chosen] = process.argv.slice(2);
const names = chosen.length > 0 ? chosen : readdirSync(folder).map((file) => file.replace(/\.gguf$/, ""));
const source = open(SMOLLM2);
const candidates = names.map((name): Candidate => {
  const path = join(folder, name);
  return { name, checkpoint: open(existsSync(`${path}.gguf`) ? `${path}.gguf` : path), tokens: [] };
});
await compareAll(source, candidates);
