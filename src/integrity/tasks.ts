/** Which files a model is made of, and what is known of them before they are read. */
import { basename, dirname, join } from "node:path";
import type { Checkpoint } from "../files/checkpoint.ts";
import { io } from "../files/io.ts";
import { inside, namesIn } from "../files/paths.ts";
import { ruleOf } from "./rules.ts";
import type { Task } from "./worker.ts";

/** A file of a model that is to be read whole. */
export interface ModelFile extends Task {
  readonly name: string;
  readonly bytes: number;
  /** Its name in Hugging Face's cache, which is a hash of it: sha256 (64 digits) or git's sha1 (40). */
  readonly blob: string | undefined;
}

/** What this package reads of a folder beside its weights. */
const SMALL: readonly string[] = [
  "config.json",
  "generation_config.json",
  "model.safetensors.index.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "vocab.json",
  "merges.txt",
  "added_tokens.json",
  "special_tokens_map.json",
  "chat_template.jinja",
];

/** All files of an open model: the small ones of a folder, then those of weights with their tensors. */
export function filesOf({ kind, path, files, source, packing }: Checkpoint): ModelFile[] {
  const small = kind === "gguf" ? [] : [...namesIn(path)].filter((name) => SMALL.includes(name));
  const asked = new Map(files.map((file) => [file, [] as Task["tensors"][number][]]));
  const tensors = [...source.tensors.values()].sort((a, b) => a.offset - b.offset);
  for (const info of tensors) asked.get(info.path)!.push({ info, rule: ruleOf(info, packing, source.tensors) });
  return [
    ...small.sort().map((name) => fileOf(join(path, name), inside(path, name), [])),
    ...[...asked].map(([file, tensors]) => fileOf(file, io().realpathSync(file), tensors)),
  ];
}

/** Files of a folder by name, of which only the hashes are wanted; those that are not there are left out. */
export function namedFiles(folder: string, names: Iterable<string>): ModelFile[] {
  const there = namesIn(folder);
  return [...names]
    .filter((name) => there.has(name))
    .map((name) => fileOf(join(folder, name), inside(folder, name), []));
}

/** Files of the folder that are none of the model's. */
export function otherFiles(folder: string, files: readonly ModelFile[]): string[] {
  const own = new Set(files.map(({ name }) => name));
  const others = [...namesIn(folder)].filter((name) => !own.has(name) && !name.startsWith("."));
  return others.filter((name) => !name.endsWith("manifest.json") && isFile(join(folder, name))).sort();
}

function isFile(path: string): boolean {
  return io().statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function fileOf(path: string, real: string, tensors: Task["tensors"]): ModelFile {
  const folder = dirname(real);
  const cached = basename(folder) === "blobs" && basename(dirname(folder)).startsWith("models--");
  const blob = cached && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(basename(real)) ? basename(real) : undefined;
  const bytes = io().statSync(real, { throwIfNoEntry: false })?.size ?? 0;
  return { path, real, name: basename(path), bytes, tensors, hashes: true, blob };
}
