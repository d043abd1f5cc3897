/* global performance */
/** In the page: this package loads the model that it is given, and runs it; see chromium.ts. */
import { QwQ } from "/dist/browser/index.js";

globalThis.measure = async ({ threads, prompt, generate, repeat, ids }) => {
  const began = performance.now();
  const model = await QwQ.load("/model.gguf", { threads, context: 512 });
  const load = (performance.now() - began) / 1000;
  const asked = { greedy: true, maxTokens: generate + 1, onLoop: "ignore" };
  await model.answer(Uint32Array.from(ids), { ...asked, maxTokens: 1 }); // weights come in, as llama.cpp's do when it loads
  const runs = [];
  for (let i = 0; i < repeat; i++) {
    const { timings } = await model.answer(Uint32Array.from(ids), asked);
    runs.push({
      prefill: (timings.promptSeconds / timings.promptTokens) * prompt,
      decode: (timings.seconds / timings.tokens) * generate,
    });
  }
  const version = `qwq-ts, ${model.about.backend}${model.about.relaxed ? ", relaxed SIMD" : ""}`;
  return { load, runs, version, threads: model.about.threads };
};
