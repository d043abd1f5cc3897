/**
 * What a tokenizer is made of, wherever it was read from (tokenizer.json, vocab.json with merges.txt, a GGUF file).
 */

/** A token that is found in raw text before anything else happens to it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Special tokens are dropped when a reply is decoded for people, and are text where special tokens are refused. */
  readonly special: boolean;
  /** Whether it is looked for after NFC, in what the others leave, rather than in the raw text; false where absent. */
  readonly normalized?: boolean;
}

/** Tokens, merges and rules. */
export interface Vocabulary {
  /** Token of each id, in the byte-level alphabet; `undefined` where an id is not used. Added tokens stand in `added`. */
  readonly tokens: readonly (string | undefined)[];
  /** Merges in the order of their rank: "left right". */
  readonly merges: readonly string[];
  readonly added: readonly AddedToken[];
  /**
   * How text is cut before merging: Qwen's pattern; SmolLM2's, which is digits one by one and GPT-2's between them; or
   * GPT-2's alone, as transformers makes it from SmolLM2's GGUF file.
   */
  readonly pattern: "qwen2" | "smollm" | "gpt2";
  /** Whether text is brought to NFC first, as Qwen's is. */
  readonly nfc: boolean;
}
