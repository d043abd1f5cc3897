/**
 * tokenizer.json and tokenizer_config.json of a vocabulary, as the tokenizers library and transformers read them: the
 * reverse of vocabulary.ts, for what was a GGUF file.
 *
 * source   tokenizers 0.23: Tokenizer.to_str; transformers 5.23: PreTrainedTokenizerFast
 */
import { QWEN2_PATTERN } from "../text/split.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import type { SpecialTokens } from "./special-tokens.ts";

/** The text of tokenizer.json. */
export function tokenizerJson({ tokens, merges, added, pattern, nfc }: Vocabulary): string {
  const vocabulary = tokens.flatMap((token, id) => (token === undefined ? [] : [`${JSON.stringify(token)}:${id}`]));
  const file = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added.map(({ id, content, special, normalized = false }) => {
      return { id, content, single_word: false, lstrip: false, rstrip: false, normalized, special };
    }),
    normalizer: nfc ? { type: "NFC" } : null,
    pre_tokenizer: PRE[pattern],
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: MODEL,
  };
  // A token may be called "__proto__" or "1", which an object of JavaScript's would lose or move.
  const [before, after] = JSON.stringify(file).split('"VOCABULARY"') as [string, string];
  return `${before}{${vocabulary.join(",")}},"merges":${JSON.stringify(merges)}${after}`;
}

const MODEL = {
  type: "BPE",
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
  ignore_merges: false,
  vocab: "VOCABULARY",
};

const byteLevel = (use_regex: boolean) => {
  return { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex };
};
const sequence = (...pretokenizers: readonly object[]) => ({ type: "Sequence", pretokenizers });

const PRE: Readonly<Record<Vocabulary["pattern"], object>> = {
  gpt2: byteLevel(true),
  smollm: sequence({ type: "Digits", individual_digits: true }, byteLevel(true)),
  qwen2: sequence(
    { type: "Split", pattern: { Regex: QWEN2_PATTERN }, behavior: "Isolated", invert: false },
    byteLevel(false),
  ),
};

/** The text of tokenizer_config.json, which also holds the chat template. */
export function tokenizerConfig(special: SpecialTokens, template: string | undefined): string {
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    add_prefix_space: false,
    clean_up_tokenization_spaces: false,
    ...special,
    ...(template === undefined ? {} : { chat_template: template }),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
