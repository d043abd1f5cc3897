/**
 * A model on disk, opened and checked: everything but the weights themselves has been read when `openCheckpoint`
 * returns, and every tensor is known to be there with its shape.
 */
import { join } from "node:path";
import type { Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import type { Weights } from "../weights.ts";
import { type ConfigFile, readConfig } from "./config.ts";
import { type GenerationConfig, readGeneration } from "./generation.ts";
import { heeding } from "./heeding.ts";
import type { Gguf } from "./gguf.ts";
import { checkHost } from "./host.ts";
import { ggufConfig, ggufGeneration } from "./gguf-config.ts";
import { openGgufParts } from "./gguf-parts.ts";
import { type CacheEnvironment, locate } from "./locate.ts";
import { checkAgainstManifest } from "./manifest.ts";
import { openSource, type OpenSource, type SourceOptions } from "./open-source.ts";
import { partOf } from "./part.ts";
import { namesIn, readInside } from "./paths.ts";
import { openShards } from "./shards.ts";
import type { WeightSource } from "./source.ts";
import type { Packing } from "./quantization.ts";
import type { SpecialTokens } from "./special-tokens.ts";
import { checkTensors } from "./tensors.ts";
import { folderText, ggufText, type TextFiles } from "./text-files.ts";
import { readPart, readWeights } from "./weights.ts";

/** A config file takes a kilobyte. */
const MOST_CONFIG = 2 ** 20;

/** How a checkpoint is opened. */
export interface CheckpointOptions extends SourceOptions {
  /** Variables that say where Hugging Face's cache is; those of the process unless told. */
  readonly env?: CacheEnvironment;
  /** Whether the model's manifest, if it has one, is compared with its files' sizes and headers; true unless told. */
  readonly manifest?: boolean;
  /** Called before each window of weights is lent; what it throws ends the work (Halted: as a signal does). */
  readonly onWindow?: (() => void) | undefined;
}

/** What both kinds of checkpoint come down to. */
interface Parts {
  readonly path: string;
  readonly kind: "safetensors" | "gguf";
  readonly files: readonly string[];
  readonly config: Config;
  readonly generation: GenerationConfig;
  readonly source: OpenSource;
  readonly onWindow: CheckpointOptions["onWindow"];
  readonly how: string;
  readonly packing: Packing | undefined;
  readonly gguf: Gguf | undefined;
  /** The layers that are there, where it is a part of a model. */
  readonly part: ReadonlySet<number> | undefined;
  readonly text: TextFiles;
  readonly warnings: readonly string[];
}

/**
 * Opens the model that `model` names: a Hugging Face folder, a GGUF file, or a model in Hugging Face's cache.
 *
 * throws   what is said in locate.ts, config.ts, generation.ts, gguf-parts.ts, gguf-config.ts, shards.ts, tensors.ts and
 *          manifest.ts, each with the file's name; nothing stays open then
 */
export function openCheckpoint(model: string, options: CheckpointOptions = {}): Checkpoint {
  checkHost();
  const { kind, path } = locate(model, options.env);
  return new Checkpoint(kind === "gguf" ? openGguf(path, options) : openFolder(path, options));
}

/** An open model. What takes time or memory is read when it is first asked for. */
export class Checkpoint {
  /** The folder, or the GGUF file. */
  readonly path: string;
  readonly kind: "safetensors" | "gguf";
  /** The files that hold the weights. */
  readonly files: readonly string[];
  readonly config: Config;
  readonly generation: GenerationConfig;
  /** The tensors as the files have them. */
  readonly source: WeightSource;
  /** How their bytes come into memory, mapped or read, and why: one sentence. */
  readonly how: string;
  /** How the matrices of its layers are packed, where they lie in several tensors each. */
  readonly packing: Packing | undefined;
  /** The header, where it is a GGUF file: of the first, with the tensors of all, where it is in parts. */
  readonly gguf: Gguf | undefined;
  /** What may be wrong but does not have to be, one sentence each. */
  readonly warnings: readonly string[];
  private readonly text: TextFiles;
  private readonly onWindow: CheckpointOptions["onWindow"];
  private readonly part: ReadonlySet<number> | undefined;
  private opened: Weights | undefined;

  constructor(parts: Parts) {
    this.path = parts.path;
    this.kind = parts.kind;
    this.files = parts.files;
    this.config = parts.config;
    this.generation = parts.generation;
    this.source = parts.source;
    this.how = parts.how;
    this.onWindow = parts.onWindow;
    this.part = parts.part;
    this.packing = parts.packing;
    this.gguf = parts.gguf;
    this.text = parts.text;
    this.warnings = parts.warnings;
  }

  /** The weights: reads the gains and biases. Throws FormatError for a number format that is not implemented. */
  get weights(): Weights {
    const { onWindow } = this;
    const source = onWindow === undefined ? this.source : heeding(this.source, onWindow);
    this.opened ??=
      this.part === undefined
        ? readWeights(source, this.config, this.kind, this.packing)
        : readPart(source, this.config, this.part, this.path);
    return this.opened;
  }

  /** What the tokenizer is made of, if there is one. Throws as TextFiles says, and FormatError E_TOK_VOCAB. */
  get vocabulary(): Vocabulary | undefined {
    const { vocabulary } = this.text;
    if (vocabulary !== undefined) checkVocabulary(vocabulary, this.config, this.path);
    return vocabulary;
  }

  /** The chat template's text, if there is one. Throws as TextFiles says. */
  get template(): string | undefined {
    return this.text.template;
  }

  /** The special tokens that have names, which the template may use. Throws as TextFiles says. */
  get specialTokens(): SpecialTokens {
    return this.text.specialTokens;
  }

  /** Closes the files; again is no error. The weights cannot be read after that. */
  close(): void {
    this.source.close();
  }
}

function openFolder(path: string, options: CheckpointOptions): Parts {
  const at = join(path, "config.json");
  const file = readConfig(readInside(path, "config.json", MOST_CONFIG, "E_LIMIT_CONFIG"), at);
  const shards = openShards(path);
  const { source, how } = openSource(shards.files, shards.tensors, options);
  return closing(source, () => {
    if (options.manifest !== false) checkAgainstManifest({ kind: "safetensors", path }, shards.files);
    const part = partOf(path);
    checkTensors(source.tensors, file.config, "safetensors", path, file.packing, part);
    return {
      path,
      part,
      kind: "safetensors",
      files: shards.files.map((shard) => shard.path),
      config: file.config,
      generation: folderGeneration(path, file),
      source,
      onWindow: options.onWindow,
      how,
      packing: file.packing,
      gguf: undefined,
      text: folderText(path),
      warnings: [...shards.warnings, ...source.warnings, ...file.warnings, ...dtypeWarnings(file, source, at)],
    };
  });
}

function folderGeneration(path: string, config: ConfigFile): GenerationConfig {
  const name = "generation_config.json";
  const at = { fields: config.fields, path: join(path, "config.json") };
  const file = namesIn(path).has(name)
    ? { source: readInside(path, name, MOST_CONFIG, "E_LIMIT_CONFIG"), path: join(path, name) }
    : undefined;
  return readGeneration(file, at, config.config.vocabulary);
}

/**
 * Weights in another format than config.json claims are used as they are; an oracle's user should know. Of a packed
 * model the claim is not about its tensors.
 */
function dtypeWarnings({ dtype, packing }: ConfigFile, source: WeightSource, path: string): string[] {
  if (packing !== undefined) return [];
  const others = [...source.tensors.values()].filter(({ format }) => dtype !== undefined && format !== dtype);
  if (others.length === 0) return [];
  const found = [...new Set(others.map(({ format }) => format))].sort().join(", ");
  return [`${path}: W_DTYPE: it says ${dtype}, but ${others.length} of ${source.tensors.size} tensors are ${found}.`];
}

function openGguf(path: string, options: CheckpointOptions): Parts {
  const { files, gguf } = openGgufParts(path);
  const { source, how } = openSource(files, gguf.tensors, options);
  return closing(source, () => {
    if (options.manifest !== false) checkAgainstManifest({ kind: "gguf", path }, files);
    const config = ggufConfig(gguf);
    checkTensors(source.tensors, config, "gguf", path);
    return {
      path,
      part: undefined,
      kind: "gguf",
      files: files.map((part) => part.path),
      config,
      generation: ggufGeneration(gguf, config.vocabulary),
      source,
      onWindow: options.onWindow,
      how,
      packing: undefined,
      gguf,
      text: ggufText(gguf),
      warnings: source.warnings,
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
function checkVocabulary({ tokens, added }: Vocabulary, config: Config, path: string): void {
  const size = added.reduce((most, { id }) => Math.max(most, id + 1), tokens.length);
  if (size <= config.vocabulary) return;
  throw new FormatError("E_TOK_VOCAB", path, {
    path,
    expected: `a tokenizer of at most ${config.vocabulary} tokens, the embedding's rows`,
    actual: `${size}`,
    hint: "The tokenizer is another model's.",
  });
}
