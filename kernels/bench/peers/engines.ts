/** The engines side by side: what each is called, whether it is installed, and the process that measures it once. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  CHROMIUM,
  LLAMA3PURE,
  LLAMA_CPP,
  MODELS,
  NODE24,
  ONNX,
  PYTHON,
  root,
  SHAPE,
  TRANSFORMERS,
  WLLAMA,
} from "./places.ts";

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

function ours(model: Model, threads: number, newer?: string): Engine {
  const main = join(root, "dist/src/cli/main.js");
  return engine(newer === undefined ? "ours" : "ours on Node 24", model, threads, {
    needs: [main, MODELS[model], ...(newer === undefined ? [] : [newer])],
    command: ({ node, prompt, generate, repeat, backend, activations }) => [
      ...([newer ?? node, main, "bench", "--json", "--quiet", "-m", MODELS[model]] as const),
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

/** Plain JavaScript takes a minute a repetition: one must do. */
function llama3pure(): Engine {
  const { command, ...rest } = scripted("llama3pure", ["llama3pure.ts"], [LLAMA3PURE])("q8_0", 1);
  return { ...rest, command: (settings) => command({ ...settings, repeat: 1 }) };
}

/** What onnx_models.py makes, by the names of table.ts: transformers.js's own, and its file. */
const ONNX_FILES = {
  "int8-dynamic": ["q8", "model_quantized.onnx"],
  int4: ["q4", "model_q4.onnx"],
  float32: ["fp32", "model.onnx"],
} as const;

function transformersJs(model: keyof typeof ONNX_FILES, threads: number): Engine {
  const [dtype, file] = ONNX_FILES[model];
  return engine("transformers.js", model, threads, {
    needs: [TRANSFORMERS, join(ONNX, "onnx", file)],
    command: (settings) => [
      ...([process.execPath, tsx, join(here, "transformers.ts"), dtype, ONNX] as const),
      ...[`${threads}`, ...counts(settings)],
    ],
  });
}

function transformersInChromium(threads: number): Engine {
  return engine("transformers.js in Chromium", "int8-dynamic", threads, {
    needs: [CHROMIUM, TRANSFORMERS, join(ONNX, "onnx", ONNX_FILES["int8-dynamic"][1])],
    command: (settings) => [
      ...([process.execPath, tsx, join(here, "chromium.ts"), "transformers", ONNX] as const),
      ...[`${threads}`, ...counts(settings)],
    ],
  });
}

function huggingFace(dtype: string, threads: number): Engine {
  return engine("Hugging Face", dtype, threads, {
    needs: [PYTHON, join(SHAPE, "model.safetensors")],
    command: (settings) => [PYTHON, join(here, "huggingface.py"), SHAPE, dtype, `${threads}`, ...counts(settings)],
  });
}

/** In the order of a round: what is compared stands next to each other. */
export const ENGINES: readonly Engine[] = [
  ...(["q8_0", "q4_0", "smollm2"] as const).flatMap((model) =>
    [2, 1].flatMap((threads) => [ours(model, threads), llamaCpp(model, threads), ours(model, threads, NODE24)]),
  ),
  ...[2, 1].flatMap((threads) => [ours("int8", threads), ours("int8", threads, NODE24)]),
  ...(["int8-dynamic", "int4", "float32"] as const).flatMap((model) =>
    [2, 1].map((threads) => transformersJs(model, threads)),
  ),
  huggingFace("bfloat16", 2),
  huggingFace("float32", 2),
  ...[2, 1].flatMap((threads) => [
    inChromium("q8_0", threads),
    wllama("q8_0", threads),
    transformersInChromium(threads),
  ]),
  inChromium("q4_0", 2),
  wllama("q4_0", 2),
  llama3pure(),
];

/** What `engine` lacks; none if it can be measured. */
export function missing({ needs }: Engine): readonly string[] {
  return needs.filter((file) => !existsSync(file));
}
