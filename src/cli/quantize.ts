/** `qwq quantize`: a checkpoint in another number format. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { openCheckpoint } from "../files/checkpoint.ts";
import { SHARD_BYTES } from "../files/shards-write.ts";
import { quantize as convert, type Quantized } from "../quantize/quantize.ts";
import { quote } from "../json/quote.ts";
import { type Type, TYPES } from "../quantize/types.ts";
import { about } from "./input.ts";
import { bytes, integer } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { note, print, printJson, progress } from "./terminal.ts";
import { byteSize, grouped } from "./units.ts";

const HELP = `
int8, int8-g32, -g64, -g128: a folder that Hugging Face loads, in the layout of
compressed-tensors W8A16 (load it with dtype float32, else it rounds scales).
The matrices of the layers have a byte a weight and a float32 scale for each
row, or for each 32, 64, 128 inputs; everything else stays as it is.

q8_0, q4_0, q4_k, q6_k: one GGUF file that llama.cpp loads. The unembedding is
Q6_K (Q8_0 for q8_0), gains and biases F32. Rows that are no whole number of
256 values are Q5_0 in place of Q4_K, and Q8_0 in place of Q6_K.

IN is read while OUT is written; a few megabytes of it are in memory. An
interruption leaves nothing.

Examples:
  qwq quantize Qwen/QwQ-32B qwq-int8 --type int8
  qwq quantize model model-q4_k.gguf --type q4_k
  qwq quantize model.gguf model-int8 --type int8-g64 --json | jq .formats`;

interface Options {
  readonly type: string;
  readonly shardBytes: number;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Codes of errors that the weights are at fault for, and so say whose they are. */
const OF_WEIGHTS = ["E_WEIGHT_NONFINITE", "E_Q_RANGE"];

export function quantize(): Command {
  return new Command("quantize")
    .description("Writes a model in another number format: int8 safetensors, or GGUF.")
    .argument("<in>", "a Hugging Face folder, a .gguf file, or a hub id on disk")
    .argument("<out>", "the new folder (int8) or file (GGUF)")
    .requiredOption("--type <name>", "what to write: one of the types below")
    .option("--shard-bytes <bytes>", "at most so many bytes of tensors in a file of a folder", bytes, SHARD_BYTES)
    .option("--threads <n>", "threads (default: one a core)", integer(1, 64))
    .option("--json", "one JSON object when it is done")
    .option("--quiet", "no progress and no remarks on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(model: string, out: string, options: Options): Promise<void> {
  const type = readType(options.type);
  const interrupt = onInterrupt();
  const bar = progress("quantising", "weights", options.quiet === true);
  const began = performance.now();
  const checkpoint = openCheckpoint(model);
  try {
    if (options.quiet !== true) checkpoint.warnings.forEach(note);
    const { shardBytes, threads = availableParallelism() } = options;
    const how = { shardBytes, threads, signal: interrupt.signal, onValues: bar.of };
    const made = await about(checkpoint.path, () => convert(checkpoint, out, type, how), OF_WEIGHTS);
    bar.stop();
    if (!made.complete) {
      note(`Interrupted. Nothing was left of ${out}.`);
      process.exitCode = interrupt.exitCode();
      return;
    }
    const seconds = (performance.now() - began) / 1000;
    if (options.json) printJson({ out, type, ...made, seconds });
    else print(said(out, made, seconds));
  } finally {
    bar.stop();
    interrupt.done();
    checkpoint.close();
  }
}

function said(out: string, { tensors, files, bytes, formats }: Quantized, seconds: number): string {
  const each = Object.entries(formats).map(([format, count]) => `${format} ${count}`);
  const where = files === 1 ? "one file" : `${files} files`;
  const rate = `${byteSize(Math.round(bytes / seconds))}/s`;
  return `${out}: ${grouped(tensors)} tensors (${each.join(", ")}) in ${where}, ${grouped(bytes)} bytes, ${rate}\n`;
}

/** Throws UsageError E_ARG_TYPE. */
function readType(name: string): Type {
  const type = TYPES.find((known) => known === name.toLowerCase());
  if (type !== undefined) return type;
  throw new UsageError("E_ARG_TYPE", "--type", {
    expected: `one of ${TYPES.join(", ")}`,
    actual: quote(name),
    hint: "See qwq quantize --help.",
  });
}
