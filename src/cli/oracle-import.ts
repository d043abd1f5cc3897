/** `qwq oracle import`: another engine's activations as a candidate bundle. */
import { spawn } from "node:child_process";
import { Argument, Command, Option } from "commander";
import type { Config } from "../config.ts";
import { IoError, UsageError } from "../errors.ts";
import { openCheckpoint } from "../files/checkpoint.ts";
import { checkNew } from "../files/output.ts";
import { shipped } from "../files/shipped.ts";
import { as } from "../json/fields.ts";
import { writeBundle } from "../oracle/bundle.ts";
import { openBundle } from "../oracle/bundle-read.ts";
import { verdictOf } from "../oracle/checks.ts";
import { printableChecks } from "../oracle/formats/index.ts";
import { assemble } from "../oracle/import/assemble.ts";
import { checkLog } from "../oracle/import/eval-callback.ts";
import { kvFormatOf } from "../oracle/numbers/kv.ts";
import { type Import, IMPORTS, readForeign } from "../oracle/import/read.ts";
import { readIds, readJsonFile, readText } from "./input.ts";
import { output, type OutputOptions, verdictExit, withOutputOptions } from "./oracle-output.ts";
import { note } from "./terminal.ts";
import { VERSION } from "./version.ts";

const HELP = `
FMT    PATH
hf     a model's folder: runs it in Python (transformers) and records every tap.
       The hook is one file, which your own script may import: --hook prints
       where it lies
hf-debug-tree  the folder of transformers' model_addition_debugger_context(
       model, debug_path=..., do_prune_layers=False, use_repr=False)
npz, npy-dir   arrays called as modules or taps: "0.qr",
       "model.layers.0.self_attn.q_proj", "blocks.0.attn.hook_q"; ids as
       "input_ids" or ids.json
onnx   values of an ONNX graph: an .npz, or a folder of .pb files; --hook prints
       the script that makes one with every value
raw+json  tensors.json: {"ids", "tensors": [{"name", "file", "shape" or "ne",
       "dtype", "op"}]}; ne is ggml's order of sizes; files hold the values
eval-callback  llama.cpp's log of llama-eval-callback: sums and 3 + 3 values,
       which are checked against the bundle that --against names

Axes: [T width], [T heads D], [heads T D], with or without a batch of 1.

Examples:
  qwq oracle import hf ./my-finetune --ids ids.json -o hf.oracle
  qwq oracle import npz taps.npz -m Qwen/QwQ-32B -o mine.oracle
  qwq oracle import eval-callback log.txt --against reference.oracle`;

interface Options extends OutputOptions {
  readonly output?: string;
  readonly ids?: string;
  readonly model?: string;
  readonly policy?: string;
  readonly kvDtype?: string;
  readonly weightsDtype?: string;
  readonly engine?: string;
  readonly qkLayout: "neox" | "interleaved";
  readonly map?: string;
  readonly against?: string;
  readonly python: string;
  readonly dtype: string;
  readonly attention: string;
  readonly hook?: boolean;
  readonly quiet?: boolean;
}

export function importBundle(): Command {
  const command = new Command("import")
    .description("another engine's activations, as a candidate bundle")
    .addArgument(new Argument("<format>", "what PATH is").choices(["hf", ...IMPORTS, "eval-callback"]))
    .argument("[path]", "the file or folder")
    .option("-o, --output <folder>", "the bundle to write; nothing of that name may be there yet")
    .option("--ids <file>", "the prompt's ids, where they are not among the tensors")
    .option("-m, --model <model>", "the model that was run: sizes are checked, fused matrices taken apart")
    .option("--policy <name>", "the number format in which it computed: f32, bf16-hf-eager (default: f32)")
    .option("--kv-dtype <type>", "how it keeps keys and values: bf16, f16, int8, q8_0 (default: f32)")
    .option("--weights-dtype <type>", "the format of its weights: Q8_0, bf16 (default: the model's)")
    .option("--engine <name>", "who computed it")
    .addOption(
      new Option("--qk-layout <layout>", "how q and k lie in a head").choices(["neox", "interleaved"]).default("neox"),
    )
    .option("--map <file>", 'JSON {"engine\'s name": "0.qr"} for names that are not known')
    .option("--against <bundle>", "of eval-callback: the reference")
    .option("--python <command>", "of hf: the Python that has transformers", "python3")
    .addOption(new Option("--dtype <type>", "of hf").choices(["float32", "bfloat16", "float16"]).default("float32"))
    .addOption(new Option("--attention <kind>", "of hf").choices(["eager", "sdpa"]).default("eager"))
    .option("--hook", "print the path of the Python file for hf or onnx, and do nothing")
    .option("--quiet", "no remarks on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP);
  return withOutputOptions(command).action(act);
}

async function act(format: string, path: string | undefined, options: Options): Promise<void> {
  if (options.hook === true) return void process.stdout.write(`${hookFile(format)}\n`);
  if (path === undefined) throw usage("PATH", "none");
  const dtype = options.kvDtype ?? options.weightsDtype;
  if (dtype !== undefined && (format === "hf" || format === "eval-callback")) {
    throw usage(`neither --kv-dtype nor --weights-dtype with ${format}`, dtype);
  }
  if (format === "eval-callback") return check(path, options);
  if (options.output === undefined) throw usage("-o FOLDER", "none");
  checkNew(options.output);
  if (format === "hf") return runHook(path, options.output, options);
  await write(format as Import, path, options.output, options);
}

async function write(format: Import, path: string, folder: string, options: Options): Promise<void> {
  const foreign = readForeign(format, path);
  const ids = options.ids === undefined ? foreign.ids : Array.from(await readIds(options.ids));
  if (ids === undefined) throw usage("--ids FILE, since the prompt is not among the tensors", "none");
  const config = options.model === undefined ? undefined : configOf(options.model);
  const map = options.map === undefined ? undefined : await readMap(options.map);
  const { taps, notes } = assemble(foreign.tensors, { ids, path, config, layout: options.qkLayout, map });
  const head = {
    role: "candidate" as const,
    engine: options.engine ?? foreign.engine ?? format,
    model: {},
    producer: { name: "qwq-ts", version: VERSION, format },
    policy: options.policy ?? foreign.policy ?? "f32",
    weights_dtype: options.weightsDtype,
    kv_dtype: options.kvDtype === undefined ? undefined : kvFormatOf(options.kvDtype)?.name,
    input: { ids },
  };
  writeBundle(folder, head, taps);
  if (options.quiet !== true) for (const line of [`${taps.length} taps of ${ids.length} tokens.`, ...notes]) note(line);
}

function configOf(model: string): Config {
  const checkpoint = openCheckpoint(model, { io: "pread" });
  checkpoint.close();
  return checkpoint.config;
}

async function readMap(file: string): Promise<ReadonlyMap<string, string>> {
  const json = as(await readJsonFile(file), "object", "", file);
  return new Map([...json].map(([key, value]) => [key, as(value, "string", key, file)]));
}

async function check(path: string, options: Options): Promise<void> {
  if (options.against === undefined) throw usage("--against BUNDLE: a log has sums alone", "none");
  const bundle = openBundle(options.against);
  try {
    const checks = checkLog(await readText(path), path, bundle);
    output(printableChecks(checks, { version: VERSION, annotations: options.maxAnnotations }), options);
    process.exitCode = verdictExit(verdictOf(checks), options.failOn);
  } finally {
    bundle.close();
  }
}

function hookFile(format: string): string {
  if (format !== "hf" && format !== "onnx") throw usage("hf or onnx with --hook", format);
  return shipped("src", "oracle", "hooks", `qwq_oracle_${format}.py`);
}

/** Runs Python; what it wrote is opened and checked. */
async function runHook(model: string, folder: string, { ids, python, dtype, attention }: Options): Promise<void> {
  if (ids === undefined) throw usage("--ids FILE", "none");
  await readIds(ids);
  const child = spawn(python, [hookFile("hf"), model, ids, folder, "--dtype", dtype, "--attention", attention], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (piece: Buffer) => (said = (said + piece.toString()).slice(-2000)));
  const code = await new Promise<number | string>((resolve) => {
    child.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.on("close", (status) => resolve(status ?? "a signal"));
  });
  if (code !== 0) {
    throw new IoError("E_IMPORT_PYTHON", python, {
      expected: "Python with torch and transformers, and a model that they load",
      actual: `exit ${code}: ${said.trim().split("\n").at(-1) ?? ""}`,
      hint: "Name that Python with --python.",
    });
  }
  openBundle(folder).close();
}

function usage(expected: string, actual: string): UsageError {
  return new UsageError("E_ARG_INPUT", "oracle import", { expected, actual, hint: "See qwq oracle import --help." });
}
