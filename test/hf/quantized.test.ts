import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { placesOf } from "../../src/quantize/target.ts";
import { isStored, type Stored } from "../../src/tensor.ts";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { LLAMA_CPP, PYTHON, SMOLLM2 } from "../support/real.ts";

const PROMPT = "The tide comes in twice a day because";
const COUNT = 12;

interface Made {
  readonly prompt: number[];
  readonly next: number[];
  readonly weights: Record<string, string>;
}

/** SmolLM2 as that type. */
async function quantized(type: string): Promise<string> {
  const out = join(temporaryFolder(), "out");
  const ran = await qwq(["quantize", SMOLLM2, out, "--type", type, "--quiet"]);
  expect(ran.code, ran.stderr).toBe(0);
  return out;
}

/** What `qwq run` picks. */
async function picked(model: string): Promise<number[]> {
  const ran = await qwq(["run", "-m", model, "--raw", "--greedy", "--max-tokens", `${COUNT}`, "--json", PROMPT]);
  expect(ran.code, ran.stderr).toBe(0);
  return (JSON.parse(ran.stdout.trim().split("\n").at(-1)!) as { ids: number[] }).ids;
}

/** sha256 of every matrix of a layer as float32. */
function hashes(model: string): Record<string, string> {
  const { weights, config, close } = openedAs(model);
  const layers = [...weights.layers()].map(([, W]) => W);
  const matrices = placesOf(config, "safetensors").filter(({ layer, shape }) => layer >= 0 && shape.length === 2);
  const all = matrices.map(({ name, ours, layer, rows, columns }) => {
    const tensor = layers[layer]![ours as "Wq"];
    const values = new Float32Array(rows * columns);
    if (isStored(tensor)) (tensor as Stored<"HD C">).widen(0, rows, values);
    return [name, createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex")] as const;
  });
  close();
  return Object.fromEntries(all);
}

function openedAs(model: string) {
  const checkpoint = openCheckpoint(model);
  return { weights: checkpoint.weights, config: checkpoint.config, close: () => checkpoint.close() };
}

describe.skipIf(!existsSync(PYTHON) || !existsSync(SMOLLM2))("SmolLM2 as int8, in Hugging Face (npm run setup)", () => {
  it.each(["int8", "int8-g64"])(
    "%s: its 210 matrices have our values bit for bit, and it picks our tokens",
    async (type) => {
      const folder = await quantized(type);
      const script = join(import.meta.dirname, "quantized.py");
      const said = execFileSync(PYTHON, [script, folder, PROMPT, `${COUNT}`], { encoding: "utf8", stdio: "pipe" });
      const made = JSON.parse(said.trim().split("\n").at(-1)!) as Made;
      const ours = hashes(folder);
      expect(Object.keys(made.weights)).toHaveLength(210);
      expect(made.weights).toEqual(ours);
      expect(made.next).toEqual(await picked(folder));
    },
  );
});

interface Llama {
  loadModel(options: { modelPath: string }): Promise<{
    tokenize(text: string, special: boolean): number[];
    createContext(options: { contextSize: number; threads: number }): Promise<{
      getSequence(): { evaluate(tokens: number[], options: { temperature: number }): AsyncIterable<number> };
    }>;
    dispose(): Promise<void>;
  }>;
  dispose(): Promise<void>;
}

/** llama.cpp's own tokens, and their count. */
async function byLlamaCpp(path: string): Promise<{ readonly prompt: number[]; readonly next: number[] }> {
  const { getLlama } = (await import(pathToFileURL(LLAMA_CPP).href)) as {
    getLlama(options: { gpu: false; build: "never"; logLevel: "error" }): Promise<Llama>;
  };
  const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: 256, threads: 1 });
  const prompt = model.tokenize(PROMPT, false);
  const next: number[] = [];
  for await (const token of context.getSequence().evaluate(prompt, { temperature: 0 })) {
    if (next.push(token) === COUNT) break;
  }
  await model.dispose();
  await llama.dispose();
  return { prompt, next };
}

describe.skipIf(!existsSync(LLAMA_CPP) || !existsSync(SMOLLM2))("SmolLM2 as GGUF, in llama.cpp (npm run setup)", () => {
  // llama.cpp rounds activations to 8 bits before it multiplies, so tokens part where two are nearly as likely: with q4_0
  // at the eleventh, with q6_k at the fifth.
  it.each([
    ["q8_0", 12],
    ["q4_0", 10],
    ["q4_k", 4],
    ["q6_k", 4],
  ])("%s: loads, cuts the prompt as we do, and picks our first %i tokens", async (type, count) => {
    const file = await quantized(type);
    const made = await byLlamaCpp(file);
    const ids = await qwq(["tokenize", "-m", file, PROMPT]);
    expect(made.prompt).toEqual(JSON.parse(ids.stdout));
    expect(made.next.slice(0, count)).toEqual((await picked(file)).slice(0, count));
  });
});
