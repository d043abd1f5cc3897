/** Where install.ts puts what the measurement needs; all of it is ignored by git. */
import { join } from "node:path";

export const root = join(import.meta.dirname, "../../..");

const cache = join(root, ".cache");

/** npm packages of the peers. */
export const PEERS = join(cache, "peers");

/** llama.cpp for Node: node-llama-cpp's module. */
export const LLAMA_CPP = join(PEERS, "node_modules/node-llama-cpp/dist/index.js");

/** What node-llama-cpp brings of llama.cpp for Linux on x64: its libraries; and its sources, once they are taken out. */
export const LLAMA_LIBRARIES = join(PEERS, "node_modules/@node-llama-cpp/linux-x64/bins/linux-x64");
export const LLAMA_SOURCES = join(cache, "llama/source");

/** llama.cpp's server: llama-server.ts builds it. */
export const LLAMA_SERVER = join(PEERS, "llama-server/llama-server");

/** llama.cpp in wasm. */
export const WLLAMA = join(PEERS, "node_modules/@wllama/wllama");

/** transformers.js, which brings ONNX Runtime for Node and for the browser. */
export const TRANSFORMERS = join(PEERS, "node_modules/@huggingface/transformers/dist/transformers.node.mjs");

/** llama3pure: its one script, at this commit of github.com/lrusso/llama3pure. */
export const LLAMA3PURE = join(PEERS, "llama3pure/llama3pure-js-engine.js");
export const LLAMA3PURE_COMMIT = "2bec227524a4315b0c2e78ecdb8ffa69471e7ec4";

/** A newer Node for ours, whose WebAssembly has relaxed SIMD. */
export const NODE24 =
  process.env["NODE24"] ?? join(PEERS, `node_modules/node-${process.platform}-${process.arch}/bin/node`);

/** Python with Hugging Face transformers and torch. */
export const PYTHON = join(cache, "venv/bin/python");

/** The 0.5B shape: a Hugging Face folder with random bfloat16 weights, and what `qwq quantize` makes of it. */
export const SHAPE = join(cache, "bench-0.5b");

/** The same weights for ONNX Runtime: onnx_models.py makes it. */
export const ONNX = `${SHAPE}-onnx`;

export const MODELS = {
  q8_0: `${SHAPE}-q8_0.gguf`,
  q4_0: `${SHAPE}-q4_0.gguf`,
  int8: `${SHAPE}-int8`,
  smollm2: join(cache, "smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),
} as const;

/** The browser: Debian's package chromium, or another by its path. */
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
