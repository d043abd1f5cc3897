/**
 * What a person means by MODEL: a Hugging Face folder, a GGUF file, or the name of a model in Hugging Face's cache on
 * this computer. Nothing is fetched.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { FormatError, IoError } from "../errors.ts";
import { checkPath, InputFile, readWhole } from "./input.ts";
import { io, type Stats } from "./io.ts";
import { quote } from "../json/quote.ts";

export interface Located {
  readonly kind: "safetensors" | "gguf";
  /** The folder, or the GGUF file. */
  readonly path: string;
}

/** Variables of the environment that say where the cache is. */
export type CacheEnvironment = Readonly<Partial<Record<string, string>>>;

/** "Qwen/QwQ-32B", with a branch, tag or commit after "@" where it is not to be "main". */
const HUB_ID = /^([A-Za-z0-9][\w.-]*)\/([A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w.-]*(?:\/[\w.-]+)*))?$/;
/** A reference holds a commit's name. */
const MOST_REFERENCE = 256;
/** What a name of a commit may look like, so that a file in the cache cannot lead out of it. */
const COMMIT = /^[A-Za-z0-9]{1,64}$/;

/**
 * throws   UsageError E_PATH_INVALID; IoError E_IO_OPEN where there is no such path and no such model in the cache;
 *          FormatError E_FORMAT_UNSAFE for a file that could run programs, E_FORMAT_UNKNOWN for one that is no model
 */
export function locate(model: string, env: CacheEnvironment = process.env): Located {
  checkPath(model);
  const stat = exists(model);
  if (stat?.isDirectory() === true) return { kind: "safetensors", path: model };
  if (stat !== undefined) return locateFile(model);
  const id = HUB_ID.exec(model);
  if (id !== null) return { kind: "safetensors", path: snapshot(id[1]!, id[2]!, id[3] ?? "main", env) };
  throw missing(
    model,
    "a model's folder, a .gguf file, or a name like Qwen/QwQ-32B",
    "There is no such file; check the path.",
  );
}

function locateFile(path: string): Located {
  if (path.endsWith(".gguf")) return { kind: "gguf", path };
  const file = new InputFile(path);
  const kind = file.looksLike();
  file.close();
  if (kind === "a GGUF file") return { kind: "gguf", path };
  const unsafe = /\.(bin|pt|pth|pkl|ckpt)$/.test(path);
  throw new FormatError(unsafe ? "E_FORMAT_UNSAFE" : "E_FORMAT_UNKNOWN", path, {
    path,
    expected: "a model's folder or a GGUF file",
    actual: kind ?? "another file",
    hint: unsafe
      ? "Such a file can run programs and is never opened; convert the model to safetensors."
      : "Give the folder that holds config.json and the weights.",
  });
}

/** The folder of a model's files in Hugging Face's cache: <cache>/models--<owner>--<name>/snapshots/<commit>. */
function snapshot(owner: string, name: string, revision: string, env: CacheEnvironment): string {
  const home = env["HF_HOME"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "huggingface");
  const cache = env["HF_HUB_CACHE"] ?? env["HUGGINGFACE_HUB_CACHE"] ?? join(home, "hub");
  const repository = join(cache, `models--${owner}--${name}`);
  const commit = readReference(join(repository, "refs", revision)) ?? revision;
  const folder = join(repository, "snapshots", commit);
  if (!COMMIT.test(commit) || exists(folder)?.isDirectory() !== true) {
    const hint = `There is no such file here, nor is ${quote(`${owner}/${name}`)} in the cache; download it first.`;
    throw missing(`${owner}/${name}`, `the folder ${repository} with ${quote(revision)}`, hint);
  }
  return folder;
}

function readReference(path: string): string | undefined {
  try {
    return Buffer.from(readWhole(path, MOST_REFERENCE, "E_LIMIT_CONFIG"))
      .toString()
      .trim();
  } catch {
    return undefined; // a commit has no file of its own
  }
}

function exists(path: string): Stats | undefined {
  try {
    return io().statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // something on the way is no folder, or may not be read
  }
}

function missing(where: string, expected: string, hint: string): IoError {
  return new IoError("E_IO_OPEN", where, { expected, actual: "nothing", hint });
}
