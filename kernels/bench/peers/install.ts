/**
 * Fetches the engines that run.ts measures and makes its models, into .cache (ignored by git), 2.4 GB of models:
 *
 *   npm run build && npx tsx kernels/bench/peers/install.ts
 *
 * The 0.5B shape has random weights (`qwq synth --seed 1`) and Qwen's own vocabulary, without which llama.cpp does not
 * open it. llama.cpp, SmolLM2, the vocabulary and Python come by golden/install.ts; wllama is
 * llama.cpp in wasm, which runs in the Chromium that is installed. What is there is left alone.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { MODELS, PEERS, root, SHAPE } from "./places.ts";

function run(script: string, ...args: string[]): void {
  execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

const qwq = join(root, "dist/src/cli/main.js");
run(join(root, "node_modules/tsx/dist/cli.mjs"), "golden/install.ts", "smollm2", "qwen", "llama-cpp", "python");
const options = ["install", "--silent", "--prefix", PEERS, "--omit=optional", "--ignore-scripts"];
execFileSync("npm", [...options, "@wllama/wllama@3.8.1"], { stdio: ["ignore", "inherit", "inherit"] });
if (!existsSync(join(SHAPE, "model.safetensors"))) {
  run(qwq, "synth", SHAPE, "--config", join(import.meta.dirname, "shape-0.5b.json"), "--seed", "1");
}
for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
  copyFileSync(join(root, ".cache/qwen", name), join(SHAPE, name));
}
for (const type of ["q8_0", "q4_0"] as const) {
  if (!existsSync(MODELS[type])) run(qwq, "quantize", SHAPE, MODELS[type], "--type", type);
}
