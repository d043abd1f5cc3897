/** `qwq synth`: a random checkpoint of any size. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { SHARD_BYTES } from "../files/shards-write.ts";
import { quote } from "../json/quote.ts";
import { type Type, TYPES } from "../quantize/types.ts";
import { type Dtype, DTYPES } from "../synth/draw.ts";
import { QWQ_CONFIG } from "../synth/qwq-config.ts";
import { synthesiseQuantised } from "../synth/quantised.ts";
import { synthesise, type Synthetic } from "../synth/synth.ts";
import { readText } from "./input.ts";
import { bytes, integer, seed } from "./options.ts";
import { KNOWN } from "./plan.ts";
import { onInterrupt } from "./signals.ts";
import { note, print, printJson, progress } from "./terminal.ts";
import { byteSize, grouped } from "./units.ts";

const HELP = `
Every parameter is drawn, gains and biases too, by a generator without state
(Threefry), so that the same seed gives the same bytes and any tensor can be
made alone, in Python too: golden/synth.py.

After an interruption (Ctrl-C, a kill) whole shards stay, and the same command
goes on with the next. QwQ-32B takes 65.5 GB of disk.

With --dtype int8, int8-g32, -g64 or -g128 it is a folder that is quantised as
it is drawn; with q8_0, q4_0, q4_k or q6_k, OUT is a GGUF file. The bytes are
those that qwq quantize makes of the other. Until all is there it is called
OUT.partial, and the same command goes on within it.

Examples:
  qwq synth model --config golden/model/tiny/config.json --seed 1
  qwq synth qwq-random --config ${KNOWN} --seed 1
  qwq synth small --config config.json --seed 7 --dtype f32 --shard-bytes 1GB
  qwq synth qwq-random.gguf --config ${KNOWN} --seed 1 --dtype q4_0`;

interface Options {
  readonly config: string;
  readonly seed: bigint;
  readonly shardBytes: number;
  readonly dtype?: string;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function synth(): Command {
  return new Command("synth")
    .description("Writes a random checkpoint of any size, as a Hugging Face folder.")
    .argument("<out>", "the folder: a new one, or one that the same command has begun")
    .requiredOption("--config <file>", `its config.json, or ${KNOWN}`)
    .requiredOption("--seed <n>", "start of the random generator: 0 to 2^64 - 1", seed)
    .option("--shard-bytes <bytes>", "at most so many bytes of tensors in a file (default: 5GB)", bytes, SHARD_BYTES)
    .option("--dtype <name>", "bf16, f16, f32, or a type of qwq quantize (default: the config's)")
    .option("--threads <n>", "threads (default: one a core)", integer(1, 64))
    .option("--json", "one JSON object when it is done")
    .option("--quiet", "no progress on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(out: string, options: Options): Promise<void> {
  const { dtype, type } = readDtype(options.dtype);
  const known = options.config === KNOWN;
  const config = { text: known ? QWQ_CONFIG : await readText(options.config), path: known ? KNOWN : options.config };
  const interrupt = onInterrupt();
  const bar = progress("writing", type === undefined ? "bytes" : "weights", options.quiet === true);
  const began = performance.now();
  try {
    const common = {
      seed: options.seed,
      shardBytes: options.shardBytes,
      threads: options.threads ?? availableParallelism(),
      signal: interrupt.signal,
      onBytes: bar.of,
    };
    const made =
      type === undefined
        ? await synthesise(out, config, { ...common, dtype })
        : await synthesiseQuantised(out, config, type, common);
    bar.stop();
    if (!made.complete) {
      const stays = type === undefined ? `Whole shards stay in ${out}` : `What is done stays in ${out}.partial`;
      note(`Interrupted. ${stays}; the same command goes on with the next.`);
      process.exitCode = interrupt.exitCode();
      return;
    }
    const seconds = (performance.now() - began) / 1000;
    if (options.json) printJson({ out, ...made, seconds });
    else print(said(out, made, seconds));
  } finally {
    bar.stop();
    interrupt.done();
  }
}

function said(out: string, made: Synthetic, seconds: number): string {
  const { tensors, shards, bytes, written } = made;
  const files = shards === 1 ? "one file" : `${shards} files`;
  const rate = written === 0 ? "all there already" : `${byteSize(Math.round(written / seconds))}/s`;
  return `${out}: ${grouped(tensors)} tensors in ${files}, ${grouped(bytes)} bytes, ${rate}\n`;
}

/** A dtype, or a type of `qwq quantize`; neither where none is told. Throws UsageError E_ARG_DTYPE. */
function readDtype(name: string | undefined): { readonly dtype?: Dtype | undefined; readonly type?: Type | undefined } {
  const dtype = DTYPES.find((known) => known === name?.toUpperCase());
  const type = TYPES.find((known) => known === name?.toLowerCase());
  if (name === undefined || dtype !== undefined || type !== undefined) return { dtype, type };
  throw new UsageError("E_ARG_DTYPE", "--dtype", {
    expected: `one of bf16, f16, f32, ${TYPES.join(", ")}`,
    actual: quote(name),
    hint: "See qwq synth --help.",
  });
}
