/**
 * llama3pure, plain JavaScript: `llama3pure.ts MODEL THREADS PROMPT GENERATE REPEAT`, on its one thread. Prints what
 * llama-cpp.ts prints.
 *
 * It knows Llama and Gemma: Qwen's matrices go through its Llama, without the biases, which costs a little less time
 * and gives other tokens. Its functions take token ids; they are called as its own loop calls them.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { LLAMA3PURE } from "./places.ts";
import { promptIds } from "./said.ts";

/** What its script declares. */
interface Declared {
  llama3pure(message: object): void;
  transformerPrefill(tokens: readonly number[], start: number, count: number): void;
  transformer(token: number, position: number, logits: boolean): void;
  sampleArgmax(logits: Float32Array, count: number): number;
  readonly PREFILL_BATCH_SIZE: number;
  readonly state: { readonly logits: Float32Array };
  readonly config: { readonly vocabSize: number };
}

/** A file in one ArrayBuffer; readFileSync has a limit of 2 GiB. */
function whole(path: string): ArrayBuffer {
  const file = openSync(path, "r");
  const bytes = new Uint8Array(fstatSync(file).size);
  for (let at = 0; at < bytes.length;) at += readSync(file, bytes, at, Math.min(1 << 28, bytes.length - at), at);
  closeSync(file);
  return bytes.buffer;
}

const [path = "", ...counts] = process.argv.slice(2);
const [threads = 1, prompt = 128, generate = 48, repeat = 3] = counts.map(Number);
if (threads !== 1) throw new Error(`llama3pure: it has one thread, expected 1, got ${threads}.`);

const names = "llama3pure, transformerPrefill, transformer, sampleArgmax, PREFILL_BATCH_SIZE";
const kept = "get state() { return state; }, get config() { return config; }";
const script = readFileSync(LLAMA3PURE, "utf8");
const declare = runInThisContext(`(function (module) { ${script}\nreturn { ${names}, ${kept} }; })`) as (
  _: object,
) => Declared;
const engine = declare({});
const began = performance.now();
engine.llama3pure({ type: "load", model: whole(path), contextSize: prompt + generate + 8, temperature: 0 });
const load = (performance.now() - began) / 1000;
const ids = promptIds(prompt);
const runs = [];
for (let i = 0; i < repeat; i++) {
  const start = performance.now();
  for (let at = 0; at < prompt - 1; at += engine.PREFILL_BATCH_SIZE) {
    engine.transformerPrefill(ids, at, Math.min(engine.PREFILL_BATCH_SIZE, prompt - 1 - at));
  }
  const step = (token: number, position: number) => {
    engine.transformer(token, position, true);
    return engine.sampleArgmax(engine.state.logits, engine.config.vocabSize);
  };
  let token = step(ids[prompt - 1]!, prompt - 1);
  const first = performance.now();
  for (let t = 0; t < generate; t++) token = step(token, prompt + t);
  runs.push({ prefill: (first - start) / 1000, decode: (performance.now() - first) / 1000 });
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ load, runs, peakBytes, version: "llama3pure 2bec227" }));
