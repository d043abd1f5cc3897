/**
 * What a person means by MODEL: a Hugging Face folder, a GGUF file, the name of a model in Hugging Face's cache on this
 * computer, or that of one that comes with the package. Nothing is fetched.
 */
import { join } from "node:path";
import { FormatError, IoError } from "../errors.ts";
import {
  type CacheEnvironment,
  cacheFolder,
  type HubId,
  parseHubId,
  repositoryFolder,
  snapshotFolder,
} from "./hub-cache.ts";
import { embeddedPath } from "./embedded.ts";
import { checkPath, errorCode, InputFile } from "./input.ts";
import { io, type Stats } from "./io.ts";
import { namesIn } from "./paths.ts";
import { quote } from "../json/quote.ts";

export interface Located {
  readonly kind: "safetensors" | "gguf";
  /** The folder, or the GGUF file. */
  readonly path: string;
}

export type { CacheEnvironment } from "./hub-cache.ts";

/**
 * throws   UsageError E_PATH_INVALID; IoError E_IO_OPEN where there is no such path and no such model in the cache;
 *          FormatError E_FORMAT_UNSAFE for a file that could run programs, E_FORMAT_UNKNOWN for one that is no model, and
 *          for several GGUF models where one is due
 */
export function locate(model: string, env: CacheEnvironment = process.env): Located {
  checkPath(model);
  const stat = exists(model);
  if (stat?.isDirectory() === true) return { kind: "safetensors", path: model };
  if (stat !== undefined) return locateFile(model);
  const embedded = embeddedPath(model);
  if (embedded !== undefined) return { kind: "safetensors", path: embedded };
  const id = parseHubId(model);
  if (id !== undefined) return cached(id, env);
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

/** A model in Hugging Face's cache: its folder, or the GGUF file in it where there is nothing else. */
function cached(id: HubId, env: CacheEnvironment): Located {
  const cache = cacheFolder(env);
  const folder = snapshotFolder(id, cache);
  if (folder === undefined) {
    const name = `${id.owner}/${id.name}`;
    const expected = `the folder ${repositoryFolder(id, cache)} with ${quote(id.revision ?? "main")}`;
    const hint = `There is no such file here, nor is ${quote(name)} in the cache; download it first.`;
    throw missing(name, expected, hint);
  }
  const names = namesIn(folder);
  const models = [...names]
    .filter((name) => /^(?!.*-\d{5}-of-\d{5}\.gguf$).*\.gguf$|-00001-of-\d{5}\.gguf$/.test(name))
    .sort();
  if (names.has("config.json") || models.length === 0) return { kind: "safetensors", path: folder };
  if (models.length === 1) return { kind: "gguf", path: join(folder, models[0]!) };
  throw new FormatError("E_FORMAT_UNKNOWN", folder, {
    path: folder,
    expected: "one GGUF model",
    actual: `${models.length}: ${models.slice(0, 3).join(", ")}${models.length > 3 ? " ..." : ""}`,
    hint: "Name the file, with its folder.",
  });
}

function exists(path: string): Stats | undefined {
  try {
    return io().statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ELOOP" || code === "EACCES") new InputFile(path).close(); // it says why it cannot be opened
    return undefined; // something on the way is no folder
  }
}

function missing(where: string, expected: string, hint: string): IoError {
  return new IoError("E_IO_OPEN", where, { expected, actual: "nothing", hint });
}
