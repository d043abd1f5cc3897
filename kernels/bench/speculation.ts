/**
 * What drafts gain and cost: SmolLM2 with and without `speculate`, in turn, on prompts whose answers copy and on others.
 *
 *   npm run bench:speculation       (npm run setup fetches SmolLM2; two minutes)
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { QwQ } from "../../src/library/qwq.ts";
import { wasmBackend } from "../wasm/index.ts";
import { median } from "./peers/table.ts";

const root = join(import.meta.dirname, "../..");
const TOKENS = 160;
const ROUNDS = 3;
const DRAFTS = [0, 2, 4, 8];

const CODE = `function area(width, height) {
  if (width < 0) throw new Error("width must not be negative");
  if (height < 0) throw new Error("height must not be negative");
  return width * height;
}`;
const PROMPTS = {
  "repeat a text": `Repeat this text word for word: The tide comes in twice a day. The tide goes out twice a day. When the tide is in, the boats can leave. When the tide is out, the boats lie on the sand and wait for the tide.`,
  "edit code": `Rename "width" to "breadth" in this code and print all of the code:\n${CODE}`,
  explain: "Why is the sky blue?",
  invent: "Write a short story about a lighthouse keeper who finds a letter.",
};

const ops = await wasmBackend();
const qwq = await QwQ.load(join(root, ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"), {
  backend: ops,
  context: 1024,
});
await qwq.answer("Hello", { greedy: true, maxTokens: 8 }); // weights come in

const results = [];
for (const [name, prompt] of Object.entries(PROMPTS)) {
  for (const sampled of [false, true]) {
    const runs = new Map(DRAFTS.map((speculate) => [speculate, [] as number[]]));
    const texts = new Set<string>();
    const counts = new Map<number, { drafted: number; accepted: number }>();
    let tokens = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const speculate of DRAFTS) {
        const sampling = sampled ? { temperature: 0.6, seed: 1 } : { greedy: true };
        const { ids, timings } = await qwq.answer(prompt, {
          ...sampling,
          maxTokens: TOKENS,
          speculate,
          onLoop: "ignore",
        });
        texts.add(ids.join());
        tokens = timings.tokens;
        runs.get(speculate)!.push(timings.tokens / timings.seconds);
        counts.set(speculate, { drafted: timings.drafted ?? 0, accepted: timings.accepted ?? 0 });
      }
    }
    if (texts.size !== 1) throw new Error(`${name}: drafts changed the tokens`);
    const each = DRAFTS.map((speculate) => ({
      speculate,
      tokensPerSecond: median(runs.get(speculate)!),
      ...counts.get(speculate)!,
    }));
    results.push({ prompt: name, sampled, tokens, runs: each });
    console.error(name, sampled ? "sampled" : "greedy", each.map((run) => run.tokensPerSecond.toFixed(0)).join(" "));
  }
}
qwq.close();
const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version, threads: ops.threads };
const out = join(root, "kernels/bench/results/speculation.json");
writeFileSync(out, `${JSON.stringify({ machine, rounds: ROUNDS, results }, undefined, 2)}\n`);
