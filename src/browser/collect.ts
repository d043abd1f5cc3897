/** The files of a model, from where a page has them: chosen by the user, in memory, or behind an address. */
import { FormatError, IoError } from "../errors.ts";
import type { NamedFile } from "./messages.ts";

/**
 * Files of an <input>, blobs by name, or an address: of a .gguf file, or of a folder as Hugging Face lays it out
 * (".../resolve/main/").
 */
export type ModelFiles = string | URL | Iterable<File> | FileList | Readonly<Record<string, Blob>>;

/** Told while a file comes. */
export type OnFile = (name: string, done: number, total: number | undefined) => void;

/** What a folder may have beside its weights. */
const BESIDE = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "vocab.json",
  "merges.txt",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
];
const INDEX = "model.safetensors.index.json";

/** Throws IoError E_IO_OPEN for an address without a file, FormatError E_FORMAT_UNKNOWN for no files at all. */
export async function collect(model: ModelFiles, onFile: OnFile = () => undefined): Promise<NamedFile[]> {
  if (typeof model === "string" || model instanceof URL) return fetched(new URL(model, location.href), onFile);
  const files =
    Symbol.iterator in model
      ? [...(model as Iterable<File>)].map((file) => ({ name: file.name, blob: file }))
      : Object.entries(model as Readonly<Record<string, Blob>>).map(([name, blob]) => ({ name, blob }));
  if (files.length > 0) return files;
  throw new FormatError("E_FORMAT_UNKNOWN", "model", {
    expected: "the files of a model's folder, or a .gguf file",
    actual: "none",
    hint: "Choose config.json, the tokenizer's files and the weights together, or one .gguf file.",
  });
}

async function fetched(address: URL, onFile: OnFile): Promise<NamedFile[]> {
  if (address.pathname.endsWith(".gguf")) return [await file(address, onFile)];
  const folder = new URL(address.href.replace(/\/?$/, "/"));
  const get = (name: string) => file(new URL(name, folder), onFile);
  const config = await get("config.json");
  const beside = (await Promise.all(BESIDE.map((name) => perhaps(get(name))))).filter((one) => one !== undefined);
  const index = await perhaps(get(INDEX));
  const names = index === undefined ? ["model.safetensors"] : await shards(index);
  const weights: NamedFile[] = [];
  for (const name of names) weights.push(await get(name));
  return [config, ...beside, ...(index === undefined ? [] : [index]), ...weights];
}

/** The files that an index names. What is wrong with it, the reader says. */
async function shards({ blob }: NamedFile): Promise<string[]> {
  try {
    const index = JSON.parse(await blob.text()) as { weight_map: Record<string, string> };
    return [...new Set(Object.values(index.weight_map))].filter((name) => !name.includes("/"));
  } catch {
    return [];
  }
}

/** Undefined where there is no such file. */
async function perhaps(asked: Promise<NamedFile>): Promise<NamedFile | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof IoError && error.actual === "404") return undefined;
    throw error;
  }
}

async function file(address: URL, onFile: OnFile): Promise<NamedFile> {
  const name = decodeURIComponent(address.pathname.split("/").at(-1)!);
  const response = await fetch(address).catch((cause: unknown) => {
    throw missing(address, String(cause), cause);
  });
  if (!response.ok || response.body === null) throw missing(address, String(response.status));
  const encoded = response.headers.get("content-encoding") !== null; // then the length is not that of the file
  const length = Number(response.headers.get("content-length") ?? NaN);
  const total = encoded || Number.isNaN(length) ? undefined : length;
  let done = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, out) {
      onFile(name, (done += bytes.length), total);
      out.enqueue(bytes);
    },
  });
  const blob = await new Response(response.body.pipeThrough(counted)).blob();
  if (total === undefined || blob.size === total) return { name, blob };
  throw missing(address, `${blob.size} of ${total} bytes`);
}

function missing(address: URL, actual: string, cause?: unknown): IoError {
  return new IoError("E_IO_OPEN", address.href, {
    expected: "a file at this address",
    actual,
    hint: "Check the address, and that its server lets this page read it (CORS).",
    cause,
  });
}
