/** The engines side by side: what each is called, whether it is installed, and the process that measures it once. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CHROMIUM, LLAMA_CPP, MODELS, PYTHON, root, SHAPE, WLLAMA } from "./places.ts";

/** What the run is told on its command line. */
export interface Settings {
  readonly prompt: number;
  readonly generate: number;
  readonly repeat: number;
  readonly backend: string;
  readonly activations: string;
  /** The Node that runs ours. */
  readonly node: string;
}

export interface Engine {
  /** "ours/q8_0/2": engine, model, threads. */
  readonly id: string;
  readonly engine: string;
  readonly model: string;
  readonly threads: number;
  /** Without all of these it is not measured, and the run says so. */
  readonly needs: readonly string[];
  readonly command: (settings: Settings) => readonly [string, ...string[]];
}

type Model = keyof typeof MODELS;

const here = import.meta.dirname;

function engine(name: string, model: string, threads: number, rest: Pick<Engine, "needs" | "command">): Engine {
  return { id: `${name}/${model}/${threads}`, engine: name, model, threads, ...rest };
}

function ours(model: Model, threads: number): Engine {
  const main = join(root, "dist/src/cli/main.js");
  return engine("ours", model, threads, {
    needs: [main, MODELS[model]],
    command: ({ node, prompt, generate, repeat, backend, activations }) => [
      ...([node, main, "bench", "--json", "--quiet", "-m", MODELS[model]] as const),
      ...["--prompt", `${prompt}`, "--generate", `${generate}`, "--repeat", `${repeat}`, "--context", "512"],
      ...["--backend", backend, "--threads", `${threads}`, "--activations", activations],
    ],
  });
}

const counts = ({ prompt, generate, repeat }: Settings) => [prompt, generate, repeat].map(String);

const tsx = join(root, "node_modules/tsx/dist/cli.mjs");

/** A script of this folder that takes, after what it is told here, the model, the threads and the counts. */
function scripted(name: string, [script, ...told]: readonly [string, ...string[]], needs: readonly string[]) {
  return (model: Model, threads: number): Engine =>
    engine(name, model, threads, {
      needs: [...needs, MODELS[model]],
      command: (settings) => [
        ...([process.execPath, tsx, join(here, script), ...told] as const),
        ...[MODELS[model], `${threads}`, ...counts(settings)],
      ],
    });
}

const llamaCpp = scripted("llama.cpp", ["llama-cpp.ts"], [LLAMA_CPP]);
const inChromium = scripted(
  "ours in Chromium",
  ["chromium.ts", "ours"],
  [CHROMIUM, join(root, "dist/browser/index.js")],
);
const wllama = scripted("wllama in Chromium", ["chromium.ts", "wllama"], [CHROMIUM, WLLAMA]);

function huggingFace(dtype: string, threads: number): Engine {
  return engine("Hugging Face", dtype, threads, {
    needs: [PYTHON, join(SHAPE, "model.safetensors")],
    command: (settings) => [PYTHON, join(here, "huggingface.py"), SHAPE, dtype, `${threads}`, ...counts(settings)],
  });
}

/** In the order of a round: what is compared stands next to each other. */
export const ENGINES: readonly Engine[] = [
  ...(["q8_0", "q4_0", "smollm2"] as const).flatMap((model) =>
    [2, 1].flatMap((threads) => [ours(model, threads), llamaCpp(model, threads)]),
  ),
  huggingFace("bfloat16", 2),
  huggingFace("float32", 2),
  ...[2, 1].flatMap((threads) => [inChromium("q8_0", threads), wllama("q8_0", threads)]),
  inChromium("q4_0", 2),
  wllama("q4_0", 2),
];

/** What `engine` lacks; none if it can be measured. */
export function missing({ needs }: Engine): readonly string[] {
  return needs.filter((file) => !existsSync(file));
}
