/* global performance, fetch */
/** In the page: llama.cpp in wasm loads the model that it is given, and runs it by its own clock; see chromium.ts. */
import { Wllama } from "/wllama/index.js";

globalThis.measure = async ({ threads, prompt, generate, repeat }) => {
  const wllama = new Wllama({ default: "/wllama/wasm/wllama.wasm" });
  const began = performance.now();
  const model = await (await fetch("/model.gguf")).blob();
  const options = { n_ctx: 512, n_batch: prompt, n_threads: threads, n_gpu_layers: 0, n_parallel: 1, warmup: false };
  await wllama.loadModel([model], options);
  const load = (performance.now() - began) / 1000;
  const runs = [];
  for (let i = 0; i < repeat; i++) {
    const { timings } = await wllama.createCompletion({
      prompt: " the".repeat(prompt),
      max_tokens: generate + 1,
      temperature: 0,
      ignore_eos: true,
      cache_prompt: false,
    });
    const { prompt_n, prompt_ms, predicted_n, predicted_ms } = timings;
    runs.push({
      prefill: (prompt_ms / 1000 / prompt_n) * prompt,
      decode: (predicted_ms / 1000 / (predicted_n - 1)) * generate,
    });
  }
  const version = `llama.cpp ${Wllama.getLibllamaVersion()} in wllama`;
  return { load, runs, version, threads: wllama.getNumThreads() };
};
