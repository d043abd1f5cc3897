/**
 * transformers.js over onnxruntime-node: `transformers.ts DTYPE MODEL THREADS PROMPT GENERATE REPEAT`, where MODEL is the
 * folder that onnx_models.py wrote and DTYPE says which of its files ("fp32", "q8", "q4"). Prints what llama-cpp.ts prints.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PEERS, TRANSFORMERS } from "./places.ts";
import { promptIds } from "./said.ts";

interface TransformersJs {
  readonly env: { allowRemoteModels: boolean; readonly version: string };
  readonly Tensor: new (type: "int64", data: BigInt64Array, shape: readonly number[]) => object;
  readonly AutoModelForCausalLM: {
    from_pretrained(
      folder: string,
      options: { dtype: string; device: "cpu"; session_options: object },
    ): Promise<{
      generate(options: object): Promise<{ readonly dims: readonly number[] }>;
      dispose(): Promise<unknown>;
    }>;
  };
}

const [dtype = "q8", folder = "", ...counts] = process.argv.slice(2);
const [threads = 1, prompt = 128, generate = 48, repeat = 3] = counts.map(Number);

const { env, Tensor, AutoModelForCausalLM } = (await import(pathToFileURL(TRANSFORMERS).href)) as TransformersJs;
env.allowRemoteModels = false;
const began = performance.now();
const session_options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
const model = await AutoModelForCausalLM.from_pretrained(folder, { dtype, device: "cpu", session_options });
const load = (performance.now() - began) / 1000;
const whole = (fill: (i: number) => number) =>
  new Tensor(
    "int64",
    BigInt64Array.from({ length: prompt }, (_, i) => BigInt(fill(i))),
    [1, prompt],
  );
const ids = promptIds(prompt);
const inputs = { input_ids: whole((i) => ids[i]!), attention_mask: whole(() => 1) };
const asked = { max_new_tokens: generate + 1, min_new_tokens: generate + 1, do_sample: false };
const runs = [];
for (let i = 0; i < repeat; i++) {
  const times: number[] = [];
  const streamer = { put: () => times.push(performance.now()), end: () => undefined };
  const start = performance.now();
  const { dims } = await model.generate({ ...inputs, ...asked, streamer });
  if (dims[1] !== prompt + generate + 1) throw new Error(`transformers.js: got ${dims[1]} tokens.`);
  const [, first = 0] = times; // the prompt comes first
  runs.push({ prefill: (first - start) / 1000, decode: (times.at(-1)! - first) / 1000 });
}
const runtime = JSON.parse(readFileSync(join(PEERS, "node_modules/onnxruntime-node/package.json"), "utf8")) as {
  version: string;
};
const peakBytes = process.resourceUsage().maxRSS * 1024;
const version = `transformers.js ${env.version}, onnxruntime-node ${runtime.version}`;
console.log(JSON.stringify({ load, runs, peakBytes, version }));
await model.dispose();
