/** `qwq synth`: a random checkpoint of any size. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { DTYPES } from "../synth/draw.ts";
import { QWQ_CONFIG } from "../synth/qwq-config.ts";
import { SHARD_BYTES } from "../synth/shards.ts";
import { synthesise } from "../synth/synth.ts";
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

Examples:
  qwq synth model --config golden/model/tiny/config.json --seed 1
  qwq synth qwq-random --config ${KNOWN} --seed 1
  qwq synth small --config config.json --seed 7 --dtype f32 --shard-bytes 1GB`;

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
    .option("--dtype <name>", "bf16, f16 or f32 (default: what the config says, else bf16)")
    .option("--threads <n>", "threads (default: one a core)", integer(1, 64))
    .option("--json", "one JSON object when it is done")
    .option("--quiet", "no progress on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(out: string, options: Options): Promise<void> {
  const dtype = readDtype(options.dtype);
  const known = options.config === KNOWN;
  const config = { text: known ? QWQ_CONFIG : await readText(options.config), path: known ? KNOWN : options.config };
  const interrupt = onInterrupt();
  const bar = progress("writing", "bytes", options.quiet === true);
  const began = performance.now();
  try {
    const made = await synthesise(out, config, {
      seed: options.seed,
      dtype,
      shardBytes: options.shardBytes,
      threads: options.threads ?? availableParallelism(),
      signal: interrupt.signal,
      onBytes: bar.of,
    });
    bar.stop();
    if (!made.complete) {
      note(`Interrupted. Whole shards stay in ${out}; the same command goes on with the next.`);
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

function said(out: string, made: Awaited<ReturnType<typeof synthesise>>, seconds: number): string {
  const { tensors, shards, bytes, written } = made;
  const files = shards === 1 ? "one file" : `${shards} files`;
  const rate = written === 0 ? "all there already" : `${byteSize(Math.round(written / seconds))}/s`;
  return `${out}: ${grouped(tensors)} tensors in ${files}, ${grouped(bytes)} bytes, ${rate}\n`;
}

/** Throws UsageError E_ARG_DTYPE. */
function readDtype(name: string | undefined) {
  const dtype = DTYPES.find((known) => known === name?.toUpperCase());
  if (name === undefined || dtype !== undefined) return dtype;
  throw new UsageError("E_ARG_DTYPE", "--dtype", {
    expected: "bf16, f16 or f32",
    actual: name,
    hint: "Quantised formats are not written by this version.",
  });
}
