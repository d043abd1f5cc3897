/**
 * Text to token ids and back, bit for bit as Hugging Face's tokenizers does it for Qwen2 and SmolLM2.
 *
 *   added tokens are found in the raw text; what lies between them is brought to NFC (Qwen), cut into words, and each
 *   word's bytes are merged
 *
 * cost     linear in the text; a word longer than 64 bytes n log n
 * source   tokenizers 0.23: AddedVocabulary, NFC, Split, ByteLevel, BPE
 * golden   text/encode.json
 */
import { UsageError } from "../errors.ts";
import { bytesOf } from "./bytes.ts";
import type { Finder } from "./finder.ts";
import { type Lookup, lookup } from "./lookup.ts";
import { nfc } from "./nfc.ts";
import { split } from "./split.ts";
import type { AddedToken, Vocabulary } from "./vocabulary.ts";

/** How text becomes ids. */
export interface EncodeOptions {
  /**
   * Whether the contents of special tokens become those tokens; true unless told. `false` is Hugging Face's
   * `split_special_tokens`: they are text like any other, while added tokens that are not special (`<think>`,
   * `<tool_call>`) are still found.
   */
  readonly special?: boolean;
}

/** How ids become text. */
export interface DecodeOptions {
  /** Whether special tokens are left out, as people want it; false unless told. */
  readonly skipSpecial?: boolean;
}

/** Words whose ids are remembered, and the longest that is. */
const CACHE_WORDS = 1 << 16;
const CACHE_LENGTH = 12; // V8 copies slices so short; a longer one would keep the whole text alive

const encoder = new TextEncoder();

/** A tokenizer over a vocabulary. Encoding has no state that can be seen; one may serve everybody. */
export class Tokenizer {
  /** One more than the highest id. */
  readonly size: number;
  private readonly vocabulary: Vocabulary;
  private readonly found: Lookup;
  private readonly cache = new Map<string, readonly number[]>();

  /**
   * `where` names the vocabulary's file in errors.
   *
   * throws   FormatError E_TOK_BYTES (a byte without a token), E_TOK_MERGES (a merge of tokens that are not
   *          there), E_TOK_ADDED (an added token empty, too long, twice, or with another token's id), E_TOK_VOCAB
   */
  constructor(vocabulary: Vocabulary, where = "vocabulary") {
    this.vocabulary = vocabulary;
    this.found = lookup(vocabulary, where);
    this.size = this.found.size;
  }

  /**
   * The ids of a text.
   *
   * throws   UsageError E_ARG_SURROGATE if half a surrogate pair is in it, which no UTF-8 has
   */
  encode(text: string, { special = true }: EncodeOptions = {}): Uint32Array {
    refuseHalfPairs(text);
    const ids: number[] = [];
    this.between(text, this.found.raw, special, ids, (piece) => {
      const composed = this.vocabulary.nfc ? nfc(piece) : piece;
      this.between(composed, this.found.normalized, special, ids, (rest) => {
        for (const word of split(rest, this.vocabulary.pattern)) {
          for (const id of this.encodeWord(word)) ids.push(id);
        }
      });
    });
    return Uint32Array.from(ids);
  }

  /**
   * The text of ids: their bytes, one after the other, as UTF-8. What is not UTF-8 becomes U+FFFD, one for each longest
   * beginning of a character; ids that no token has (the unused rows of the embedding) give nothing.
   *
   * throws   UsageError E_ARG_TOKEN_ID for what is not an integer from 0
   */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const stream = this.stream(options);
    let text = "";
    for (const id of ids) text += stream.push(id);
    return text + stream.end();
  }

  /** Decoding token by token: what `push` and `end` return, one after the other, is what `decode` returns. */
  stream({ skipSpecial = false }: DecodeOptions = {}): TokenStream {
    return new TokenStream((id) => this.bytes(id, skipSpecial));
  }

  /** The token of an id as the vocabulary writes it: an added token's content, or text in the byte-level alphabet. */
  token(id: number): string | undefined {
    return this.found.addedById.get(id)?.content ?? this.vocabulary.tokens[id];
  }

  /** The bytes of an id, which may be a part of a character; none where no token has it. */
  bytesOf(id: number): Uint8Array {
    return this.bytes(id, false);
  }

  /** The id of an added token's content, or of a token in the byte-level alphabet. */
  id(token: string): number | undefined {
    return this.found.addedByContent.get(token)?.id ?? this.found.ids.get(token);
  }

  /** The added tokens, in the order of the vocabulary. */
  get added(): readonly AddedToken[] {
    return this.vocabulary.added;
  }

  /** Puts the ids of the added tokens into `ids`, and hands on what lies between them. */
  private between(text: string, finder: Finder, special: boolean, ids: number[], rest: (piece: string) => void): void {
    let from = 0;
    for (const { index, length, token } of finder.matches(text)) {
      if (token.special && !special) continue;
      if (index > from) rest(text.slice(from, index));
      ids.push(token.id);
      from = index + length;
    }
    if (from < text.length) rest(text.slice(from));
  }

  private encodeWord(word: string): readonly number[] {
    const known = this.cache.get(word);
    if (known !== undefined) return known;
    const ids = this.found.merges.apply(this.encodeBytes(word));
    if (word.length <= CACHE_LENGTH) {
      if (this.cache.size >= CACHE_WORDS) this.cache.clear();
      this.cache.set(word, ids);
    }
    return ids;
  }

  private encodeBytes(word: string): number[] {
    const ids: number[] = [];
    for (const byte of encoder.encode(word)) {
      const id = this.found.bytes[byte];
      if (id !== undefined) ids.push(id);
    }
    return ids;
  }

  private bytes(id: number, skipSpecial: boolean): Uint8Array {
    if (!Number.isInteger(id) || id < 0) {
      throw new UsageError("E_ARG_TOKEN_ID", "decode", {
        expected: `token ids, integers from 0 to ${this.size - 1}`,
        actual: String(id),
        hint: "Give ids that the tokenizer or the model made.",
      });
    }
    const added = this.found.addedById.get(id);
    if (added?.special === true && skipSpecial) return NOTHING;
    const token = this.token(id);
    return token === undefined ? NOTHING : bytesOf(token);
  }
}

const NOTHING = new Uint8Array(0);

/** Decodes token by token and never gives half a character: bytes wait until the character they begin is whole. */
export class TokenStream {
  private readonly bytes: (id: number) => Uint8Array;
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(bytes: (id: number) => Uint8Array) {
    this.bytes = bytes;
  }

  /** The text that this token completes, which may be none. Throws as `decode`. */
  push(id: number): string {
    return this.decoder.decode(this.bytes(id), { stream: true });
  }

  /** What is left: U+FFFD if the last character was never completed. The stream may then be used anew. */
  end(): string {
    return this.decoder.decode();
  }
}

function refuseHalfPairs(text: string): void {
  const at = text.search(/\p{Cs}/u); // with the flag u, a whole pair is one character
  if (at < 0) return;
  throw new UsageError("E_ARG_SURROGATE", "encode", {
    expected: "text of whole characters",
    actual: `half a surrogate pair, U+${text.charCodeAt(at).toString(16).toUpperCase()}, at place ${at}`,
    hint: "Was the text cut in the middle of a character? text.toWellFormed() puts U+FFFD there.",
  });
}
