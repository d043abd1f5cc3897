/**
 * A random checkpoint of any config, as a Hugging Face folder: every parameter drawn, the same bytes for the same seed,
 * however many threads write and however often they are interrupted.
 */
import { join } from "node:path";
import { IoError } from "../errors.ts";
import { readConfig } from "../files/config.ts";
import { checkRoom } from "../files/disk.ts";
import { writeAtomically } from "../files/output.ts";
import { INDEX, indexText, SHARD_BYTES } from "../files/shards-write.ts";
import { startThread } from "../thread.ts";
import { type Dtype, DTYPES } from "./draw.ts";
import { prepare } from "./folder.ts";
import { layoutOf, type Shard, shardsOf, tensorsOf } from "./shards.ts";
import { type Job, type Said, SLOT } from "./worker.ts";

export interface SynthOptions {
  /** From 0 to 2^64 - 1. */
  readonly seed: bigint;
  /** The tensors' number format; the config's own unless told, bfloat16 where it names none. */
  readonly dtype?: Dtype | undefined;
  /** At most so many bytes of tensors in a file; 5 GB unless told. */
  readonly shardBytes?: number | undefined;
  readonly threads: number;
  /** Ends the writing; whole shards stay. */
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes are written, of how many that were missing. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  /** Bytes free on the disk of a folder; what the system says unless told. */
  readonly free?: ((folder: string) => number) | undefined;
}

/** What was made. */
export interface Synthetic {
  readonly tensors: number;
  readonly shards: number;
  /** Of all tensors, "total_size" in the index. */
  readonly bytes: number;
  /** Of the files written now; less where an earlier run had begun. */
  readonly written: number;
  /** Whether all is there; false after an interruption. */
  readonly complete: boolean;
}

/**
 * Writes the checkpoint into the folder `out`: config.json with the text given (its dtype changed where another is
 * asked for), shards, and their index, in this order: shards, index, config. A folder that an interrupted run of the same
 * config and seed has left is completed.
 *
 * throws   as `readConfig`; IoError E_OUT_EXISTS for a folder that holds anything else, E_OUT_WRITE; LimitError
 *          E_LIMIT_DISK where the disk has too little room
 */
export async function synthesise(
  out: string,
  config: { readonly text: string; readonly path: string },
  options: SynthOptions,
): Promise<Synthetic> {
  const file = readConfig(config.text, config.path);
  const dtype = options.dtype ?? asDtype(file.dtype);
  const tensors = tensorsOf(file.config, dtype);
  const shards = shardsOf(tensors, options.shardBytes ?? SHARD_BYTES);
  const files = [
    ...(shards.length === 1 ? [] : [{ name: INDEX, text: indexText(shards) }]),
    { name: "config.json", text: withDtype(config.text, dtype) },
  ];
  const missing = prepare(out, shards, files, options.seed);
  const written = missing.reduce((sum, shard) => sum + layoutOf(shard, options.seed).fileBytes, 0);
  checkRoom(out, out, written, options.free);
  const complete = await writeAll(out, missing, options);
  if (complete)
    for (const { name, text } of files) writeAtomically(join(out, name), (write) => write(Buffer.from(text)));
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes.length, 0);
  return { tensors: tensors.length, shards: shards.length, bytes, written: complete ? written : 0, complete };
}

/** Writes the shards on several threads; false if it was interrupted. */
async function writeAll(folder: string, shards: readonly Shard[], o: SynthOptions): Promise<boolean> {
  if (shards.length === 0) return true;
  const shared = new BigInt64Array(new SharedArrayBuffer(24));
  const total = shards.reduce((sum, { tensors }) => sum + tensors.reduce((all, { bytes }) => all + bytes.length, 0), 0);
  const stop = () => void Atomics.store(shared, SLOT.stop, 1n);
  if (o.signal?.aborted) stop();
  o.signal?.addEventListener("abort", stop);
  const timer = setInterval(() => o.onBytes?.(Number(Atomics.load(shared, SLOT.bytes)), total), 200);
  try {
    const job: Job = { folder, seed: o.seed, shards, shared };
    const count = Math.max(1, Math.min(o.threads, shards.length));
    const ends = await Promise.allSettled(Array.from({ length: count }, () => thread(job)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return o.signal?.aborted !== true;
  } finally {
    clearInterval(timer);
    o.signal?.removeEventListener("abort", stop);
  }
}

/** One worker, from its beginning to its end. Throws what it met. */
function thread(job: Job): Promise<void> {
  const worker = startThread("./worker", import.meta.url, job);
  return new Promise((done, fail) => {
    worker.on("message", ({ error }: Said) => {
      if (error === undefined) return;
      const { code, where, ...details } = error;
      fail(new IoError(code, where, details));
    });
    worker.on("error", fail);
    worker.on("exit", () => done());
  });
}

const NAMES: Readonly<Record<Dtype, string>> = { BF16: "bfloat16", F16: "float16", F32: "float32" };

/** The dtype that config.json claims, else bfloat16. */
export function asDtype(claimed: string | undefined): Dtype {
  return DTYPES.find((dtype) => dtype === claimed) ?? "BF16";
}

/** config.json's text with the dtype of its tensors; unchanged where it says so already, or says nothing. */
function withDtype(text: string, dtype: Dtype): string {
  return text.replace(/("(?:torch_)?dtype"\s*:\s*)"(?:bfloat16|float16|float32)"/g, `$1"${NAMES[dtype]}"`);
}
