/**
 * The part of a checkpoint that deals with text: its vocabulary, its chat template and the tokens that templates know by
 * name. Tokenising needs no weights, and a folder with a tokenizer alone will do.
 */
import type { Vocabulary } from "../text/vocabulary.ts";
import { ggufTemplate, readChatTemplate } from "./chat-template.ts";
import type { Gguf } from "./gguf.ts";
import { openGgufParts } from "./gguf-parts.ts";
import { readGgufVocabulary } from "./gguf-vocabulary.ts";
import { type CacheEnvironment, locate } from "./locate.ts";
import { ggufSpecialTokens, readSpecialTokens, type SpecialTokens } from "./special-tokens.ts";
import { namesIn } from "./paths.ts";
import { readFolderVocabulary } from "./vocabulary-folder.ts";

/** A tokenizer's file may take 11 MB, so each is read when it is first asked for, and once. */
export class TextFiles {
  /** The folder, or the GGUF file. */
  readonly path: string;
  private readonly readVocabulary: () => Vocabulary | undefined;
  private readonly readTemplate: () => string | undefined;
  private readonly readSpecial: () => SpecialTokens;

  constructor(
    path: string,
    vocabulary: () => Vocabulary | undefined,
    template: () => string | undefined,
    special: () => SpecialTokens,
  ) {
    this.path = path;
    this.readVocabulary = once(vocabulary);
    this.readTemplate = once(template);
    this.readSpecial = once(special);
  }

  /** What the tokenizer is made of, if there is one. Throws as vocabulary-folder.ts and gguf-vocabulary.ts say. */
  get vocabulary(): Vocabulary | undefined {
    return this.readVocabulary();
  }

  /** The chat template's text, if there is one. Throws as chat-template.ts says. */
  get template(): string | undefined {
    return this.readTemplate();
  }

  /** The special tokens that have names, which the template may use. Throws as special-tokens.ts says. */
  get specialTokens(): SpecialTokens {
    return this.readSpecial();
  }
}

/** The text files of what `model` names, whether or not there are weights. Throws as locate.ts and gguf.ts say. */
export function openText(model: string, env?: CacheEnvironment): TextFiles {
  const { kind, path } = locate(model, env);
  if (kind === "safetensors") return folderText(path);
  const { files, gguf } = openGgufParts(path);
  for (const file of files) file.close();
  return ggufText(gguf);
}

export function folderText(path: string): TextFiles {
  const names = namesIn(path);
  return new TextFiles(
    path,
    () => readFolderVocabulary(path, names),
    () => readChatTemplate(path, names),
    () => readSpecialTokens(path, names),
  );
}

export function ggufText(file: Gguf): TextFiles {
  return new TextFiles(
    file.path,
    () => readGgufVocabulary(file),
    () => ggufTemplate(file),
    () => ggufSpecialTokens(file),
  );
}

function once<R>(read: () => R): () => R {
  let done: { readonly result: R } | undefined;
  return () => (done ??= { result: read() }).result;
}
