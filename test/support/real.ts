/** Where `npm run setup` puts the real things. */
import { join } from "node:path";

const cache = join(import.meta.dirname, "../../.cache");

/** SmolLM2-135M-Instruct, Q4_1. */
export const SMOLLM2 = join(cache, "smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
/** The real Qwen tokenizer's tokenizer.json. */
export const QWEN_TOKENIZER = join(cache, "qwen/tokenizer.json");
/** Python with Hugging Face. */
export const PYTHON = join(cache, "venv/bin/python");
/** A random model that transformers saved with the real Qwen tokenizer (golden/make_qwen_folder.py). */
export const QWEN_FOLDER = join(cache, "qwen-tiny");
/** llama.cpp's server: kernels/bench/peers/llama-server.ts builds it. */
export const LLAMA_SERVER = join(cache, "peers/llama-server/llama-server");
/** llama.cpp for Node: node-llama-cpp's module. */
export const LLAMA_CPP = join(cache, "peers/node_modules/node-llama-cpp/dist/index.js");
