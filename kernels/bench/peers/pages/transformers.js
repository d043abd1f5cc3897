/* global performance */
/** In the page: transformers.js over onnxruntime-web, int8 dynamic, loads the folder that it is given; see chromium.ts. */
import { AutoModelForCausalLM, env, Tensor } from "/modules/@huggingface/transformers/dist/transformers.min.js";

const { wasm, versions } = env.backends.onnx;

globalThis.measure = async ({ threads, prompt, generate, repeat, ids }) => {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = "/";
  env.useBrowserCache = false;
  env.useWasmCache = false;
  wasm.numThreads = threads;
  // Of its builds the plain one, which is twice as fast here as the one that transformers.js takes unless told.
  const build = "/modules/onnxruntime-web/dist/ort-wasm-simd-threaded";
  wasm.wasmPaths = { mjs: `${build}.mjs`, wasm: `${build}.wasm` };
  const began = performance.now();
  const model = await AutoModelForCausalLM.from_pretrained("model", { dtype: "q8", device: "wasm" });
  const load = (performance.now() - began) / 1000;
  const whole = (values) => new Tensor("int64", BigInt64Array.from(values, BigInt), [1, prompt]);
  const inputs = { input_ids: whole(ids), attention_mask: whole(ids.map(() => 1)) };
  const asked = { max_new_tokens: generate + 1, min_new_tokens: generate + 1, do_sample: false };
  const runs = [];
  for (let i = 0; i < repeat; i++) {
    const times = [];
    const streamer = { put: () => times.push(performance.now()), end: () => undefined };
    const start = performance.now();
    await model.generate({ ...inputs, ...asked, streamer });
    if (times.length !== generate + 2) throw new Error(`transformers.js: got ${times.length - 1} tokens.`);
    runs.push({ prefill: (times[1] - start) / 1000, decode: (times.at(-1) - times[1]) / 1000 });
  }
  const version = `transformers.js ${env.version}, onnxruntime-web ${versions.web}`;
  return { load, runs, version, threads: wasm.numThreads };
};
