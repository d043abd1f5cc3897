/** Replies of a real model to hold against mixing.ts: `npx tsx golden/mixing/make_smollm2.ts` (after `npm run setup`). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { QwQ } from "../../src/library/qwq.ts";

const PROMPTS = [
  "Why is the sky blue?",
  "How do I boil an egg?",
  "Write a short poem about the sea.",
  "What is the capital of France, and what is it known for?",
  "Explain how a bicycle stays upright.",
  "List five uses of a paper clip.",
  "What is the sum of the angles of a triangle, and why?",
  "Write a Python function that reverses a list.",
  "Who was Marie Curie?",
  "Tell me a story about a fox and a crow.",
  "How does a vaccine work?",
  "What is the difference between weather and climate?",
  "Give me a recipe for pancakes.",
  "Why do cats purr?",
  "Explain recursion to a child.",
  "What happened in 1969?",
];

const model = join(import.meta.dirname, "../../.cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
const qwq = await QwQ.load(model, { backend: await wasmBackend({}) });
const lines: string[] = [];
for (const [seed, prompt] of PROMPTS.entries()) {
  const { text } = await qwq.answer(prompt, { seed, maxTokens: 80 });
  lines.push(JSON.stringify({ prompt, seed, text }));
}
qwq.close();
writeFileSync(join(import.meta.dirname, "smollm2.jsonl"), `${lines.join("\n")}\n`);
