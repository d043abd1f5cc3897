/**
 * Our own backends as engines to be judged: what wasm and gpujs compute, tap by tap, on the prompts of engines.py.
 *
 *   tsx test/hf/oracle/own.ts OUT MODEL PROMPTS [NAME;...]
 *
 * PROMPTS is the folder that engines.py wrote, whose ids-<n>.json are fed. OUT/runs.json lists the bundles. A run whose
 * bundle is there is not made again.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gpujsBackend } from "../../../kernels/gpujs/index.ts";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { wgslBackend } from "../../../kernels/wgsl/index.ts";
import { openCheckpoint } from "../../../src/files/checkpoint.ts";
import { writeBundle } from "../../../src/oracle/bundle.ts";
import { record } from "../../../src/oracle/record.ts";
import type { Ops } from "../../../src/ops.ts";

const [out = "", model = "", prompts = "", only] = process.argv.slice(2);

/** Each engine by its name: how it rounds, how it is made, and how many tokens it is fed at a time. */
const ENGINES: Readonly<Record<string, { policy: string; make: () => Promise<Ops>; chunk?: number }>> = {
  "wasm f32, 1 thread": { policy: "f32", make: () => wasmBackend({ threads: 1, activations: "f32" }) },
  "wasm f32, 2 threads": { policy: "f32", make: () => wasmBackend({ threads: 2, activations: "f32" }) },
  "wasm f32, 4 at a time": { policy: "f32", make: () => wasmBackend({ threads: 2, activations: "f32" }), chunk: 4 },
  "wasm f32, 1 at a time": { policy: "f32", make: () => wasmBackend({ threads: 2, activations: "f32" }), chunk: 1 },
  "wasm int8": { policy: "q8_0", make: () => wasmBackend({ threads: 2, activations: "int8" }) },
  "gpujs:cpu": { policy: "f32", make: () => gpujsBackend({ mode: "cpu", weights: "f32" }) },
  "gpujs:webasm": { policy: "f32", make: () => gpujsBackend({ mode: "webasm", threads: 2, weights: "f32" }) },
  "gpujs:webgpu": { policy: "f32", make: () => gpujsBackend({ mode: "webgpu", weights: "f32" }) },
  wgsl: { policy: "f32", make: () => wgslBackend({ activations: "f32" }) },
};

const checkpoint = openCheckpoint(model, { pin: 2 ** 30 });
const quantised = [...checkpoint.source.tensors.values()].some(({ format }) => format.startsWith("Q"));
mkdirSync(out, { recursive: true });
const runs = [];
for (const [engine, { policy, make, chunk }] of Object.entries(ENGINES)) {
  if (policy === "q8_0" && !quantised) continue; // then activations are not rounded either
  if (only !== undefined && !only.split(";").includes(engine)) continue;
  let ops: Ops | undefined;
  for (let prompt = 0; existsSync(join(prompts, `ids-${prompt}.json`)); prompt++) {
    const bundle = join(out, `${engine.replaceAll(/[^a-z0-9]+/g, "-")}-${prompt}.oracle`);
    runs.push({ engine, prompt, bundle });
    if (existsSync(join(bundle, "manifest.json"))) continue;
    const ids = Uint32Array.from(JSON.parse(readFileSync(join(prompts, `ids-${prompt}.json`), "utf8")) as number[]);
    ops ??= await make();
    const began = performance.now();
    const taps = await record(ops, checkpoint, ids, { tier: "full", chunk });
    writeBundle(bundle, { role: "candidate", model: {}, producer: {}, engine, policy, input: { ids: [...ids] } }, taps);
    console.error(engine, prompt, ((performance.now() - began) / 1000).toFixed(1));
  }
  ops?.close?.();
}
checkpoint.close();
writeFileSync(join(out, "runs.json"), JSON.stringify(runs, null, 1));
console.log(runs.length, "runs");
