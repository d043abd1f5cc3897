/**
 * A checkpoint in another number format, written while it is read: whatever the size of the model, a few megabytes of rows
 * are in memory. The new file or folder takes its name when it is whole; until then, and where anything fails, there is
 * nothing of that name.
 */
import { dirname, join } from "node:path";
import type { Checkpoint } from "../files/checkpoint.ts";
import { checkRoom } from "../files/disk.ts";
import { ggufMetadata } from "../files/gguf-metadata.ts";
import { io } from "../files/io.ts";
import { checkNew, makeAtomically, writeAtomically } from "../files/output.ts";
import { SHARD_BYTES } from "../files/shards-write.ts";
import { type SmallFile, smallFiles } from "./folder.ts";
import { ggufOutput } from "./gguf.ts";
import { int8Config, int8Output, type KeptFormat } from "./int8.ts";
import { begin, sync } from "./prepare.ts";
import type { Output } from "./target.ts";
import { encodeAll, type ThreadOptions } from "./threads.ts";
import { KINDS, type Type } from "./types.ts";

export interface QuantizeOptions extends ThreadOptions {
  /** At most so many bytes of tensors in a safetensors file; 5 GB unless told. */
  readonly shardBytes?: number | undefined;
  /** Bytes free on the disk of a folder; what the system says unless told. */
  readonly free?: ((folder: string) => number) | undefined;
}

/** What was made. */
export interface Quantized {
  readonly tensors: number;
  /** Files with weights, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** How many tensors have each format. */
  readonly formats: Readonly<Record<string, number>>;
  /** Whether it was made; false after an interruption, which leaves nothing. */
  readonly complete: boolean;
}

/**
 * Writes `checkpoint` to `out` as `type`: a GGUF file, or for int8 a folder.
 *
 * throws   IoError E_OUT_EXISTS for a name that is taken, E_OUT_WRITE; LimitError E_LIMIT_DISK; FormatError as ggufMetadata
 *          and `encodeRows` do; what reading the weights throws. Nothing of that name is there then.
 */
export async function quantize(
  checkpoint: Checkpoint,
  out: string,
  type: Type,
  options: QuantizeOptions,
): Promise<Quantized> {
  checkNew(out);
  const { output, small } = outputOf(checkpoint, out, type, options.shardBytes ?? SHARD_BYTES);
  const bytes = output.files.reduce((sum, file) => sum + file.bytes, 0);
  checkRoom(out, dirname(out), bytes, options.free);
  const complete = await makeAtomically(out, async (temporary) => {
    const paths = output.files.map(({ name }) => (name === "" ? temporary : join(temporary, name)));
    if (small.length > 0) io().mkdirSync(temporary);
    for (const [i, file] of output.files.entries()) begin(paths[i]!, file);
    if (!(await encodeAll(jobOf(checkpoint, output, paths), options))) return false;
    for (const path of paths) sync(path);
    for (const { name, bytes } of small) writeAtomically(join(temporary, name), (write) => write(bytes));
    return true;
  });
  const formats: Record<string, number> = {};
  for (const { format } of output.targets) formats[format] = (formats[format] ?? 0) + 1;
  return { tensors: output.targets.length, files: output.files.length, bytes, formats, complete };
}

function outputOf(
  checkpoint: Checkpoint,
  out: string,
  type: Type,
  shardBytes: number,
): { readonly output: Output; readonly small: readonly SmallFile[] } {
  const kind = KINDS[type];
  const { config } = checkpoint;
  if (kind.file === "gguf") {
    const metadata = ggufMetadata(checkpoint, kind.fileType);
    return { output: ggufOutput(out, config, metadata, kind.format), small: [] };
  }
  const output = int8Output(config, kind.group, shardBytes, keptFormat(checkpoint));
  const files = smallFiles(checkpoint, int8Config(kind.group, output.plain));
  const index = output.index === undefined ? [] : [{ name: output.index.name, bytes: Buffer.from(output.index.text) }];
  return { output, small: [...index, ...files] };
}

/** Floats stay the floats that they are; what was quantised before becomes F32, which has its values exactly. */
function keptFormat({ source, kind }: Checkpoint): KeptFormat {
  return ({ name }) => {
    const format = kind === "gguf" ? "F32" : source.tensors.get(name)?.format;
    return format === "F16" || format === "BF16" ? format : "F32";
  };
}

function jobOf(checkpoint: Checkpoint, { targets }: Output, files: readonly string[]) {
  const { source, config, kind: naming, packing } = checkpoint;
  return { tensors: [...source.tensors.values()], config, naming, packing, files, targets };
}
