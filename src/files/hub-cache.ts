/**
 * Hugging Face's cache on this computer: where it is, and what it holds of a model.
 *
 *   <cache>/models--<owner>--<name>/refs/<revision>      a commit's name
 *                                   snapshots/<commit>/  the files by their names: links to
 *                                   blobs/<hash>         their bytes, named by sha256 or git's sha1
 *
 * source   huggingface_hub: constants.py (HF_HUB_CACHE, HF_HOME), file_download.py (repo_folder_name)
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { QwqError } from "../errors.ts";
import { readWhole } from "./input.ts";
import { io, type Stats } from "./io.ts";
import { namesIn, readInside } from "./paths.ts";
import { INDEX, MOST_INDEX, parseIndex } from "./shards.ts";

/** Variables of the environment that say where the cache is, and how the hub is reached. */
export type CacheEnvironment = Readonly<Partial<Record<string, string>>>;

/** "Qwen/QwQ-32B", perhaps with a branch, tag or commit after "@". */
export interface HubId {
  readonly owner: string;
  readonly name: string;
  readonly revision: string | undefined;
}

/** What a command needs of a model: all of it, what deals with text, or config.json alone. */
export type Need = "model" | "text" | "config";

const HUB_ID = /^([A-Za-z0-9][\w.-]*)\/([A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w.-]*(?:\/[\w.-]+)*))?$/;
/** A reference holds a commit's name. */
const MOST_REFERENCE = 256;
/** What a name of a commit may look like, so that a file in the cache cannot lead out of it. */
const COMMIT = /^[A-Za-z0-9]{1,64}$/;

/** The parts of a model's name on the hub; `undefined` for what cannot be one, such as a path with more slashes. */
export function parseHubId(text: string): HubId | undefined {
  const match = HUB_ID.exec(text);
  return match === null ? undefined : { owner: match[1]!, name: match[2]!, revision: match[3] };
}

/** The cache: HF_HUB_CACHE, else `hub` in HF_HOME, else in XDG_CACHE_HOME/huggingface or ~/.cache/huggingface. */
export function cacheFolder(env: CacheEnvironment): string {
  return env["HF_HUB_CACHE"] ?? env["HUGGINGFACE_HUB_CACHE"] ?? join(hubHome(env), "hub");
}

/** The folder of Hugging Face's own things, the cache and the token among them. */
export function hubHome(env: CacheEnvironment): string {
  return env["HF_HOME"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "huggingface");
}

/** The folder of a model in the cache, whether or not it is there. */
export function repositoryFolder({ owner, name }: HubId, cache: string): string {
  return join(cache, `models--${owner}--${name}`);
}

/** The folder of a model's files at its revision ("main" unless it names one), if there is one in the cache. */
export function snapshotFolder(id: HubId, cache: string): string | undefined {
  const repository = repositoryFolder(id, cache);
  const revision = id.revision ?? "main";
  const commit = readReference(join(repository, "refs", revision)) ?? revision;
  const folder = join(repository, "snapshots", commit);
  return COMMIT.test(commit) && look(folder)?.isDirectory() === true ? folder : undefined;
}

/** Whether a snapshot has what is needed: it may have been cut short, or made by a program that wanted less. */
export function holds(folder: string, need: Need): boolean {
  const names = [...namesIn(folder)].filter((name) => look(join(folder, name)) !== undefined); // a link may lead nowhere
  if (names.some((name) => name.endsWith(".gguf"))) return true;
  if (!names.includes("config.json")) return false;
  if (need === "config") return true;
  if (need === "text") return names.includes("tokenizer.json") || names.includes("vocab.json");
  if (!names.includes(INDEX)) return names.some((name) => name.endsWith(".safetensors"));
  try {
    const { weightMap } = parseIndex(readInside(folder, INDEX, MOST_INDEX, "E_LIMIT_INDEX"), join(folder, INDEX));
    return [...weightMap.values()].every((name) => names.includes(name));
  } catch (error) {
    if (error instanceof QwqError) return true; // whoever opens it will say what is wrong
    throw error;
  }
}

function readReference(path: string): string | undefined {
  try {
    const bytes = readWhole(path, MOST_REFERENCE, "E_LIMIT_CONFIG");
    return Buffer.from(bytes).toString().trim();
  } catch {
    return undefined; // a commit has no file of its own
  }
}

function look(path: string): Stats | undefined {
  try {
    return io().statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // something on the way is no folder, or may not be read
  }
}
