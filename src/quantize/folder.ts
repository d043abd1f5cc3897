/** The small files beside an int8 model's weights: config, tokenizer, template, settings. */
import type { Checkpoint } from "../files/checkpoint.ts";
import { configFields, generationFields } from "../files/config-write.ts";
import { namesIn, readInside } from "../files/paths.ts";
import { tokenizerConfig, tokenizerJson } from "../files/tokenizer-write.ts";

export interface SmallFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a model's folder may have beside its weights; other files are left behind. */
const CARRIED = [
  "tokenizer.json",
  "tokenizer_config.json",
  "vocab.json",
  "merges.txt",
  "added_tokens.json",
  "special_tokens_map.json",
  "chat_template.jinja",
  "chat_template.json",
  "generation_config.json",
];
const MOST = 2 ** 26;

/**
 * Of a folder, its own files, and its config.json with another quantization_config; of a GGUF file, the same made from its
 * metadata.
 *
 * throws   as `readInside` does
 */
export function smallFiles(checkpoint: Checkpoint, quantization: Record<string, unknown>): SmallFile[] {
  const { kind, path } = checkpoint;
  const own = kind === "gguf" ? madeFiles(checkpoint) : carriedFiles(path);
  const fields =
    kind === "gguf"
      ? configFields(checkpoint.config, checkpoint.generation)
      : (JSON.parse(text(readInside(path, "config.json", MOST, "E_LIMIT_CONFIG"))) as Record<string, unknown>);
  return [...own, json("config.json", { ...fields, quantization_config: quantization })];
}

function carriedFiles(path: string): SmallFile[] {
  const names = namesIn(path);
  const there = CARRIED.filter((name) => names.has(name));
  return there.map((name) => ({ name, bytes: readInside(path, name, MOST, "E_LIMIT_TOKENIZER") }));
}

function madeFiles({ vocabulary, template, specialTokens, generation }: Checkpoint): SmallFile[] {
  const settings = json("generation_config.json", generationFields(generation));
  if (vocabulary === undefined) return [settings];
  return [
    settings,
    { name: "tokenizer.json", bytes: Buffer.from(tokenizerJson(vocabulary)) },
    { name: "tokenizer_config.json", bytes: Buffer.from(tokenizerConfig(specialTokens, template)) },
  ];
}

function json(name: string, value: unknown): SmallFile {
  return { name, bytes: Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`) };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
