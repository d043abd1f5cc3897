/**
 * llama.cpp, native, through node-llama-cpp: `llama-cpp.ts MODEL THREADS PROMPT GENERATE REPEAT`. Prints one JSON object:
 * seconds to load, and of each repetition the seconds to the first new token and of the tokens after it.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { LLAMA_CPP } from "./places.ts";
import { promptIds } from "./said.ts";

interface Sequence {
  evaluate(tokens: number[], options: { temperature: number; yieldEogToken: boolean }): AsyncGenerator<number, void>;
  clearHistory(): Promise<void>;
}

interface Llama {
  readonly llamaCppRelease: { readonly release: string };
  loadModel(options: { modelPath: string }): Promise<{
    createContext(options: {
      contextSize: number;
      batchSize: number;
      threads: { ideal: number; min: number };
    }): Promise<{ readonly currentThreads: number; getSequence(): Sequence }>;
    dispose(): Promise<void>;
  }>;
  dispose(): Promise<void>;
}

const [path = "", ...counts] = process.argv.slice(2);
const [threads = 1, prompt = 128, generate = 48, repeat = 3] = counts.map(Number);

const { getLlama } = (await import(pathToFileURL(LLAMA_CPP).href)) as {
  getLlama(options: { gpu: false; build: "never"; logLevel: "error"; maxThreads: number }): Promise<Llama>;
};
const began = performance.now();
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: threads });
const model = await llama.loadModel({ modelPath: path });
const context = await model.createContext({
  contextSize: prompt + generate + 8,
  batchSize: prompt,
  threads: { ideal: threads, min: threads },
});
const load = (performance.now() - began) / 1000;
const sequence = context.getSequence();
const runs = [];
for (let i = 0; i < repeat; i++) {
  await sequence.clearHistory();
  const start = performance.now();
  let first = 0;
  let tokens = 0;
  const made = sequence.evaluate(promptIds(prompt), { temperature: 0, yieldEogToken: true });
  for (; tokens <= generate && !(await made.next()).done; tokens++) if (tokens === 0) first = performance.now();
  await made.return();
  if (tokens !== generate + 1) throw new Error(`llama.cpp: expected ${generate + 1} tokens, got ${tokens}.`);
  runs.push({ prefill: (first - start) / 1000, decode: (performance.now() - first) / 1000 });
}
const { version } = JSON.parse(readFileSync(join(dirname(LLAMA_CPP), "../package.json"), "utf8")) as {
  version: string;
};
const peakBytes = process.resourceUsage().maxRSS * 1024;
const said = { version: `node-llama-cpp ${version}, llama.cpp ${llama.llamaCppRelease.release}` };
console.log(JSON.stringify({ load, runs, peakBytes, threads: context.currentThreads, ...said }));
await model.dispose();
await llama.dispose();
