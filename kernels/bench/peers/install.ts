/**
 * Fetches the engines that run.ts measures and makes its models, into .cache (ignored by git), 7 GB of models:
 *
 *   npm run build && npx tsx kernels/bench/peers/install.ts
 *
 * The 0.5B shape has random weights (`qwq synth --seed 1`) and Qwen's own vocabulary, without which llama.cpp does not
 * open it; onnx_models.py makes ONNX Runtime's files of it. llama.cpp, SmolLM2, the vocabulary and Python come by
 * golden/install.ts; wllama is llama.cpp in wasm, which runs in the Chromium that is installed; llama3pure is cloned from
 * GitHub, and left out where that cannot be reached. What is there is left alone.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { LLAMA3PURE, LLAMA3PURE_COMMIT, MODELS, ONNX, PEERS, PYTHON, root, SHAPE } from "./places.ts";

function run(script: string, ...args: string[]): void {
  execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

const qwq = join(root, "dist/src/cli/main.js");
run(join(root, "node_modules/tsx/dist/cli.mjs"), "golden/install.ts", "smollm2", "qwen", "llama-cpp", "python");
const built = `${process.platform}-${process.arch}`;
const packages = [
  "@wllama/wllama@3.8.1",
  "@huggingface/transformers@4.3.2",
  ...[`sharp-${built}@0.35.5`, `sharp-libvips-${built}@1.3.4`].map((name) => `@img/${name}`), // transformers.js loads it
  `node-${built}@24.21.0`,
];
const options = ["install", "--silent", "--prefix", PEERS, "--omit=optional", "--ignore-scripts"];
const silent = { stdio: ["ignore", "inherit", "inherit"] as ["ignore", "inherit", "inherit"] };
execFileSync("npm", [...options, ...packages], {
  ...silent,
  env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" }, // the package has what processors need
});
if (!existsSync(LLAMA3PURE)) {
  const folder = dirname(LLAMA3PURE);
  try {
    execFileSync("git", ["clone", "--quiet", "https://github.com/lrusso/llama3pure", folder], silent);
    execFileSync("git", ["-C", folder, "checkout", "--quiet", LLAMA3PURE_COMMIT], silent);
  } catch {
    console.error("llama3pure: could not be cloned; it is left out");
  }
}
if (!existsSync(join(SHAPE, "model.safetensors"))) {
  run(qwq, "synth", SHAPE, "--config", join(import.meta.dirname, "shape-0.5b.json"), "--seed", "1");
}
for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
  copyFileSync(join(root, ".cache/qwen", name), join(SHAPE, name));
}
for (const type of ["q8_0", "q4_0", "int8"] as const) {
  if (!existsSync(MODELS[type])) run(qwq, "quantize", SHAPE, MODELS[type], "--type", type);
}
const onnx = ["onnx==1.23.2", "onnx-ir==1.1.0", "onnxruntime==1.32.0", "onnxruntime-genai==0.18.0"];
if (!existsSync(join(ONNX, "tokenizer.json"))) {
  execFileSync(PYTHON, ["-m", "pip", "install", "--quiet", ...onnx], silent);
  execFileSync(PYTHON, [join(import.meta.dirname, "onnx_models.py"), SHAPE, ONNX], silent);
}
