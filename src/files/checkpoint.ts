/**
 * A model on disk, opened and checked: everything but the weights themselves has been read when `openCheckpoint`
 * returns, and every tensor is known to be there with its shape.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import type { Weights } from "../weights.ts";
import { ggufTemplate, readChatTemplate } from "./chat-template.ts";
import { type ConfigFile, readConfig } from "./config.ts";
import { type GenerationConfig, readGeneration } from "./generation.ts";
import { type Gguf, readGguf } from "./gguf.ts";
import { ggufConfig, ggufGeneration } from "./gguf-config.ts";
import { InputFile } from "./input.ts";
import { type CacheEnvironment, locate } from "./locate.ts";
import { readInside } from "./paths.ts";
import { PreadSource, type PreadOptions } from "./pread.ts";
import { openShards } from "./shards.ts";
import type { WeightSource } from "./source.ts";
import { checkTensors } from "./tensors.ts";
import { readTokenizerJson } from "./vocabulary.ts";
import { readWeights } from "./weights.ts";

/** A config file takes a kilobyte. */
const MOST_CONFIG = 2 ** 20;
const MOST_TOKENIZER = 2 ** 26;

export interface CheckpointOptions extends PreadOptions {
  /** Variables that say where Hugging Face's cache is; those of the process unless told. */
  readonly env?: CacheEnvironment;
}

/** What both kinds of checkpoint come down to. */
interface Parts {
  readonly path: string;
  readonly kind: "safetensors" | "gguf";
  readonly config: Config;
  readonly generation: GenerationConfig;
  readonly source: PreadSource;
  readonly gguf: Gguf | undefined;
  readonly template: string | undefined;
  readonly warnings: readonly string[];
  vocabulary(): Vocabulary | undefined;
}

/**
 * Opens the model that `model` names: a Hugging Face folder, a GGUF file, or a model in Hugging Face's cache.
 *
 * throws   what is said in locate.ts, config.ts, generation.ts, gguf.ts, gguf-config.ts, shards.ts, tensors.ts and
 *          chat-template.ts, each with the file's name; nothing stays open then
 */
export function openCheckpoint(model: string, options: CheckpointOptions = {}): Checkpoint {
  const { kind, path } = locate(model, options.env);
  return new Checkpoint(kind === "gguf" ? openGguf(path, options) : openFolder(path, options));
}

/** An open model. What takes time or memory is read when it is first asked for. */
export class Checkpoint {
  /** The folder, or the GGUF file. */
  readonly path: string;
  readonly kind: "safetensors" | "gguf";
  readonly config: Config;
  readonly generation: GenerationConfig;
  /** The tensors as the files have them. */
  readonly source: WeightSource;
  /** The header, where it is a GGUF file. */
  readonly gguf: Gguf | undefined;
  /** The chat template's text, if there is one. */
  readonly template: string | undefined;
  /** What may be wrong but does not have to be, one sentence each. */
  readonly warnings: readonly string[];
  private readonly parts: Parts;
  private readWeights: Weights | undefined;
  private readText: { readonly vocabulary: Vocabulary | undefined } | undefined;

  constructor(parts: Parts) {
    this.path = parts.path;
    this.kind = parts.kind;
    this.config = parts.config;
    this.generation = parts.generation;
    this.source = parts.source;
    this.gguf = parts.gguf;
    this.template = parts.template;
    this.warnings = parts.warnings;
    this.parts = parts;
  }

  /** The weights: reads the gains and biases. Throws FormatError for a number format that is not implemented. */
  get weights(): Weights {
    this.readWeights ??= readWeights(this.source, this.config, this.kind);
    return this.readWeights;
  }

  /** What the tokenizer is made of, if the checkpoint has one. Throws as src/files/vocabulary.ts says. */
  get vocabulary(): Vocabulary | undefined {
    this.readText ??= { vocabulary: checkVocabulary(this.parts.vocabulary(), this.config, this.path) };
    return this.readText.vocabulary;
  }

  /** Closes the files; again is no error. The weights cannot be read after that. */
  close(): void {
    this.source.close();
  }
}

function openFolder(path: string, options: CheckpointOptions): Parts {
  const shards = openShards(path);
  const source = new PreadSource(shards.files, shards.tensors, options);
  return closing(source, () => {
    const names = new Set(readdirSync(path));
    const at = join(path, "config.json");
    const file = readConfig(readInside(path, "config.json", MOST_CONFIG, "E_LIMIT_CONFIG"), at);
    checkTensors(source.tensors, file.config, "safetensors", path);
    return {
      path,
      kind: "safetensors",
      config: file.config,
      generation: folderGeneration(path, names, file),
      source,
      gguf: undefined,
      template: readChatTemplate(path, names),
      warnings: [...shards.warnings, ...source.warnings, ...file.warnings, ...dtypeWarnings(file, source, at)],
      vocabulary: () => readFolderVocabulary(path, names),
    };
  });
}

function folderGeneration(path: string, names: ReadonlySet<string>, config: ConfigFile): GenerationConfig {
  const name = "generation_config.json";
  const at = { fields: config.fields, path: join(path, "config.json") };
  const file = names.has(name)
    ? { source: readInside(path, name, MOST_CONFIG, "E_LIMIT_CONFIG"), path: join(path, name) }
    : undefined;
  return readGeneration(file, at, config.config.vocabulary);
}

function readFolderVocabulary(path: string, names: ReadonlySet<string>): Vocabulary | undefined {
  if (!names.has("tokenizer.json")) return undefined;
  const file = readInside(path, "tokenizer.json", MOST_TOKENIZER, "E_LIMIT_TOKENIZER");
  return readTokenizerJson(file, join(path, "tokenizer.json"));
}

/** Weights in another format than config.json claims are used as they are; an oracle's user should know. */
function dtypeWarnings({ dtype }: ConfigFile, source: WeightSource, path: string): string[] {
  const others = [...source.tensors.values()].filter(({ format }) => dtype !== undefined && format !== dtype);
  if (others.length === 0) return [];
  const found = [...new Set(others.map(({ format }) => format))].sort().join(", ");
  return [`${path}: W_DTYPE: it says ${dtype}, but ${others.length} of ${source.tensors.size} tensors are ${found}.`];
}

function openGguf(path: string, options: CheckpointOptions): Parts {
  const file = new InputFile(path);
  const gguf = closing(file, () => readGguf(file));
  const source = new PreadSource([file], gguf.tensors, options);
  return closing(source, () => {
    const config = ggufConfig(gguf);
    checkTensors(source.tensors, config, "gguf", path);
    return {
      path,
      kind: "gguf",
      config,
      generation: ggufGeneration(gguf, config.vocabulary),
      source,
      gguf,
      template: ggufTemplate(gguf),
      warnings: source.warnings,
      vocabulary: () => undefined,
    };
  });
}

/** Runs `open` and closes `resource` if that throws. */
function closing<R>(resource: { close(): void }, open: () => R): R {
  try {
    return open();
  } catch (error) {
    resource.close();
    throw error;
  }
}

/** A tokenizer must not give ids that have no row in the embedding. */
function checkVocabulary(vocabulary: Vocabulary | undefined, config: Config, path: string): Vocabulary | undefined {
  if (vocabulary === undefined) return undefined;
  const { tokens, added } = vocabulary;
  const size = added.reduce((most, { id }) => Math.max(most, id + 1), tokens.length);
  if (size <= config.vocabulary) return vocabulary;
  throw new FormatError("E_TOK_VOCAB", path, {
    path,
    expected: `a tokenizer of at most ${config.vocabulary} tokens, the embedding's rows`,
    actual: `${size}`,
    hint: "The tokenizer is another model's.",
  });
}
