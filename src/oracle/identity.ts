/**
 * Which model a checkpoint is, so that two bundles of different models are never compared.
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import type { Checkpoint } from "../files/checkpoint.ts";
import { namesIn, readInside } from "../files/paths.ts";
import type { ModelIdentity } from "./bundle.ts";

/** A model's folder in Hugging Face's cache, which names it and its revision. */
const CACHED = /models--([^/]+?)--([^/]+)\/snapshots\/([^/]+)$/;
const MOST_FILE = 2 ** 26;

/** Its name, and the hashes of its small files; a GGUF file has only a template to be hashed. */
export function identify({ path, kind, template }: Checkpoint): ModelIdentity {
  const [, owner, name, revision] = CACHED.exec(resolve(path)) ?? [];
  const names = kind === "safetensors" ? namesIn(path) : new Set<string>();
  const hash = (file: string) =>
    names.has(file) ? sha256(readInside(path, file, MOST_FILE, "E_LIMIT_CONFIG")) : undefined;
  return {
    id: owner === undefined ? basename(resolve(path)) : `${owner}/${name!}`,
    revision,
    config_sha256: hash("config.json"),
    tokenizer_sha256: hash("tokenizer.json"),
    template_sha256: template === undefined ? undefined : sha256(template),
  };
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
