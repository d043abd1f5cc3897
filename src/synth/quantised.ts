/**
 * A random checkpoint that is quantised while it is drawn: byte for byte what `quantize` makes of the one that is not,
 * whose 65.5 GB need not lie on any disk. Any tensor can be made alone: draw it, encode it.
 *
 * Until all is there it is called OUT.partial. Beside it lies OUT.partial.runs, with a byte for each run of rows: 1 once
 * the run is on the disk. The same command goes on from there, however it was ended.
 */
import { dirname, join } from "node:path";
import { IoError } from "../errors.ts";
import { readConfig } from "../files/config.ts";
import { checkRoom } from "../files/disk.ts";
import { readGeneration } from "../files/generation.ts";
import { ggufMetadata } from "../files/gguf-metadata.ts";
import { readWhole } from "../files/input.ts";
import { FLAG, io } from "../files/io.ts";
import { cannotWrite, checkNew, quietly, syncFolder, writeAtomically } from "../files/output.ts";
import { SHARD_BYTES } from "../files/shards-write.ts";
import type { SmallFile } from "../quantize/folder.ts";
import { ggufOutput } from "../quantize/gguf.ts";
import { int8Config, int8Output } from "../quantize/int8.ts";
import { begin, sync } from "../quantize/prepare.ts";
import { bytesOf, type Output, placesOf } from "../quantize/target.ts";
import { runsOf, shareOut, sharedRuns } from "../quantize/threads.ts";
import { KINDS, type Type } from "../quantize/types.ts";
import { startThread } from "../thread.ts";
import { type DrawnJob, takeDrawn } from "./drawn.ts";
import { asDtype, type SynthOptions, type Synthetic } from "./synth.ts";

const MOST_RUNS = 2 ** 24;

/**
 * Writes it to `out`: a GGUF file, or for int8 a folder. Values are drawn in the config's own dtype and then encoded.
 *
 * throws   as `readConfig`; IoError E_OUT_EXISTS where `out` is there, or OUT.partial is of another command; E_OUT_WRITE;
 *          LimitError E_LIMIT_DISK
 */
export async function synthesiseQuantised(
  out: string,
  config: { readonly text: string; readonly path: string },
  type: Type,
  options: Omit<SynthOptions, "dtype">,
): Promise<Synthetic> {
  const { output, small, drawn } = planned(out, config, type, options);
  const runs = runsOf(output.targets);
  checkNew(out);
  const [partial, journal] = [`${out}.partial`, `${out}.partial.runs`];
  const paths = output.files.map(({ name }) => (name === "" ? partial : join(partial, name)));
  try {
    const done = resumed(out, output, paths, journal, runs.length);
    const missing = runs.filter(({ number }) => done[number] !== 1);
    const all = output.files.reduce((sum, file) => sum + file.bytes, 0);
    const written = Math.round((all * missing.length) / runs.length);
    checkRoom(out, dirname(out), written, options.free);
    if (done.length === 0) prepare(output, partial, paths, journal, runs.length);
    const job: DrawnJob = { ...drawn, files: paths, targets: output.targets, journal, ...sharedRuns(missing) };
    const complete = await shareOut(job, { ...options, onValues: options.onBytes }, HANDS);
    if (complete) finish(out, partial, paths, journal, small);
    const bytes = output.targets.reduce((sum, target) => sum + bytesOf(target), 0);
    const { length } = output.targets;
    return { tensors: length, shards: paths.length, bytes, written: complete ? written : 0, complete };
  } catch (cause) {
    throw cannotWrite(out, cause);
  }
}

const HANDS = {
  start: (job: DrawnJob) => startThread("./quantised-worker", import.meta.url, job),
  here: takeDrawn,
};

function planned(
  out: string,
  { text, path }: { readonly text: string; readonly path: string },
  type: Type,
  { seed, shardBytes }: Pick<SynthOptions, "seed" | "shardBytes">,
): {
  readonly output: Output;
  readonly small: readonly SmallFile[];
  readonly drawn: Pick<DrawnJob, "drawn" | "seed" | "dtype">;
} {
  const { config, dtype: claimed, fields } = readConfig(text, path);
  const dtype = asDtype(claimed);
  const drawn = placesOf(config, "safetensors").map(({ name, ours: role, shape }) => ({ name, role, shape }));
  const about = `threefry2x32-20, seed ${seed}, drawn as ${dtype}`;
  const kind = KINDS[type];
  if (kind.file === "gguf") {
    const generation = readGeneration(undefined, { fields, path }, config.vocabulary);
    const nothing = { vocabulary: undefined, template: undefined, specialTokens: {}, gguf: undefined };
    const metadata = ggufMetadata({ path, config, generation, ...nothing }, kind.fileType);
    const described = new Map([...metadata, ["general.description", { type: "string", value: about }] as const]);
    return { output: ggufOutput(out, config, described, kind.format), small: [], drawn: { drawn, seed, dtype } };
  }
  const output = int8Output(config, kind.group, shardBytes ?? SHARD_BYTES, () => dtype, about);
  const packed = int8Config(kind.group, output.plain);
  const json = { ...(JSON.parse(text) as Record<string, unknown>), quantization_config: packed };
  const files = [{ name: "config.json", bytes: Buffer.from(`${JSON.stringify(json, undefined, 2)}\n`) }];
  const index = output.index === undefined ? [] : [{ name: output.index.name, bytes: Buffer.from(output.index.text) }];
  return { output, small: [...index, ...files], drawn: { drawn, seed, dtype } };
}

const exists = (path: string) => io().lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** The journal of an interrupted run of the same command; empty where there was none, or it had not begun. */
function resumed(out: string, { files }: Output, paths: readonly string[], journal: string, runs: number): Uint8Array {
  const partial = `${out}.partial`;
  if (!exists(journal)) {
    if (exists(partial)) throw taken(out, `${partial}, without its journal`);
    return new Uint8Array(0);
  }
  const done = readWhole(journal, MOST_RUNS, "E_LIMIT_FILE_SIZE");
  const same = done.length === runs && files.every(({ bytes, known }, i) => begins(paths[i]!, bytes, known[0]!.bytes));
  if (same) return done;
  if (done.includes(1)) throw taken(out, `${partial} of another seed, config or type`);
  for (const path of [journal, partial]) io().rmSync(path, { recursive: true, force: true });
  return new Uint8Array(0);
}

function begins(path: string, size: number, head: Uint8Array): boolean {
  if (io().statSync(path, { throwIfNoEntry: false })?.size !== size) return false;
  const fd = io().openSync(path, FLAG.read);
  try {
    const bytes = Buffer.alloc(head.length);
    return io().readSync(fd, bytes, 0, head.length, 0) === head.length && bytes.equals(head);
  } finally {
    io().closeSync(fd);
  }
}

/** The journal first, so that whatever is there without one is not ours. */
function prepare({ files }: Output, partial: string, paths: readonly string[], journal: string, runs: number): void {
  writeAtomically(journal, (write) => write(new Uint8Array(runs)));
  if (files[0]!.name !== "") io().mkdirSync(partial);
  for (const [i, file] of files.entries()) begin(paths[i]!, file);
}

function finish(
  out: string,
  partial: string,
  paths: readonly string[],
  journal: string,
  small: readonly SmallFile[],
): void {
  for (const path of paths) sync(path);
  for (const { name, bytes } of small) writeAtomically(join(partial, name), (write) => write(bytes));
  io().renameSync(partial, out);
  io().rmSync(journal, { force: true });
  quietly(() => syncFolder(dirname(out)));
}

function taken(out: string, actual: string): IoError {
  return new IoError("E_OUT_EXISTS", out, {
    path: out,
    expected: "a new name, or one that the same command has begun",
    actual,
    hint: "Choose another, or remove what is there.",
  });
}
