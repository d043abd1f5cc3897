/** The folder of a synthetic checkpoint: new, or left by an interrupted run of the same config and seed. */
import { join } from "node:path";
import { IoError } from "../errors.ts";
import { checkPath, errorCode, InputFile } from "../files/input.ts";
import { io } from "../files/io.ts";
import { layoutOf, type Shard } from "./shards.ts";

/** A small file that is written when all shards are there. */
export interface SmallFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Makes `out` where it is missing, and removes what killed runs have left half written there.
 *
 * returns  the shards that are not there yet
 * throws   UsageError E_PATH_INVALID; IoError E_OUT_EXISTS where the folder, or a file of that name, holds anything
 *          that this run would not write; E_OUT_WRITE
 */
export function prepare(out: string, shards: readonly Shard[], files: readonly SmallFile[], seed: bigint): Shard[] {
  checkPath(out);
  try {
    if (!exists(out)) io().mkdirSync(out);
    for (const name of io().readdirSync(out)) {
      if (!isLeftOver(out, name)) checkOwn(out, name, shards, files, seed);
    }
    return shards.filter(({ file }) => !exists(join(out, file)));
  } catch (cause) {
    throw cannot(out, cause);
  }
}

/** An error of the system's as one of ours; any other as it is. */
export function cannot(path: string, cause: unknown): unknown {
  const actual = errorCode(cause);
  if (cause instanceof IoError || actual === undefined) return cause;
  if (actual === "ENOTDIR") return taken(path, "a file");
  return new IoError("E_OUT_WRITE", path, {
    path,
    expected: "a folder to write",
    actual,
    hint: actual === "ENOENT" ? "The folder above it does not exist; make it first." : "Choose another place.",
    cause,
  });
}

/** A temporary file of a process that runs no more: removed, since it may take gigabytes. Of one that runs: refused. */
function isLeftOver(out: string, name: string): boolean {
  const pid = /^\..+\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name)?.[1];
  if (pid === undefined) return false;
  if (Number(pid) !== process.pid && isRunning(Number(pid))) throw taken(out, `${name}, of process ${pid}, which runs`);
  io().rmSync(join(out, name), { force: true });
  return true;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

/** A file that this run would write: a shard with the very header, a small file with the very text. */
function checkOwn(
  out: string,
  name: string,
  shards: readonly Shard[],
  files: readonly SmallFile[],
  seed: bigint,
): void {
  const path = join(out, name);
  if (io().statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw taken(out, name);
  const shard = shards.find(({ file }) => file === name);
  const small = files.find((file) => file.name === name);
  if (shard !== undefined) {
    const { head, fileBytes } = layoutOf(shard, seed);
    if (isShard(path, head, fileBytes)) return;
    throw taken(out, `${name} of another seed or config`);
  }
  if (small !== undefined && isText(path, small.text)) return;
  throw taken(out, small === undefined ? name : `another ${name}`);
}

function isShard(path: string, head: Uint8Array, fileBytes: number): boolean {
  const file = new InputFile(path);
  try {
    return file.bytes === fileBytes && Buffer.compare(head, file.read(0, head.length)) === 0;
  } finally {
    file.close();
  }
}

function isText(path: string, text: string): boolean {
  const bytes = Buffer.from(text);
  const file = new InputFile(path);
  try {
    return file.bytes === bytes.length && bytes.equals(file.read(0, bytes.length));
  } finally {
    file.close();
  }
}

function exists(path: string): boolean {
  return io().statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function taken(out: string, what: string): IoError {
  return new IoError("E_OUT_EXISTS", out, {
    path: out,
    expected: "a new folder, an empty one, or one that the same command has begun",
    actual: what,
    hint: "Choose another, or remove what is there.",
  });
}
