/** Which error codes the readers behind the targets have, and which of them no small input can reach. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** Source files that read what comes from a file or a user, whether or not a target calls them. */
const READERS = [
  ...["src/json/json.ts", "src/json/fields.ts", "src/config.ts", "src/generate/sampling.ts", "src/oracle/sampler.ts"],
  ...[
    "src/cli/input.ts",
    "src/text/messages.ts",
    "src/text/lookup.ts",
    "src/text/template.ts",
    "src/text/tokenizer.ts",
  ],
];
const FOLDERS: Readonly<Record<string, RegExp>> = {
  "src/files":
    /^(safetensors|shards|config|rope|quantization|generation|vocabulary|vocabulary-folder|special-tokens|packed-tensors|chat-template|gguf|gguf-\w+)\.ts$/,
  "src/text/jinja": /\.ts$/,
};

/** Codes put together from a family and a fault (json/utf8.ts), by the family. */
const FAMILIES: readonly string[] = ["E_JSON", "E_ST", "E_TOK", "E_TPL", "E_TEXT"];

/** Every code in the code of those files; comments do not count. */
export function readerCodes(): string[] {
  const files = [
    ...READERS,
    ...Object.entries(FOLDERS).flatMap(([folder, name]) =>
      readdirSync(join(ROOT, folder))
        .filter((file) => name.test(file))
        .map((file) => `${folder}/${file}`),
    ),
  ];
  const found = files.flatMap((file) => {
    const code = readFileSync(join(ROOT, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    return [...code.matchAll(/"(E_[A-Z0-9_]+)"/g)].map((match) => match[1]!);
  });
  return [
    ...new Set(found.flatMap((code) => (FAMILIES.includes(code) ? [`${code}_UTF8`, `${code}_BOM`] : [code]))),
  ].sort();
}

const INPUT = "test/files/input.test.ts";
const SHARDS = "test/files/shards.test.ts";
const GGUF_PARTS = "test/files/gguf-parts.test.ts";
const HOSTILE = "test/hostile/limits.test.ts";

/**
 * Codes that no file of the corpus has, and the test that reaches each: those about several files at once, those about
 * files too large to commit, and those about what a target does not do.
 */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  E_FORMAT_UNSAFE: SHARDS,
  E_IDX_AMBIGUOUS: SHARDS,
  E_IDX_SHARD_MISSING: SHARDS,
  E_IDX_SHARD_DUP: SHARDS,
  E_IDX_TENSOR_DUP: SHARDS,
  E_IDX_TENSOR_UNLISTED: SHARDS,
  E_IDX_TOTAL_SIZE: SHARDS,
  E_IDX_MIXED: GGUF_PARTS,
  E_IDX_TENSOR_COUNT: GGUF_PARTS,
  E_IO_OPEN: INPUT,
  E_IO_READ: INPUT,
  E_LIMIT_INDEX: SHARDS,
  E_LIMIT_SHARDS: SHARDS,
  E_LIMIT_TENSORS: "test/files/safetensors.test.ts",
  E_LIMIT_TOKENIZER: "test/files/vocabulary.test.ts",
  E_LIMIT_TEMPLATE: "test/files/chat-template.test.ts",
  E_LIMIT_HEADER: HOSTILE,
  E_LIMIT_INPUT: HOSTILE,
  E_LIMIT_JSON: HOSTILE,
  E_Q_DTYPE: "test/files/packed-tensors.test.ts",
  E_TEXT_UTF8: "test/cli/input.test.ts",
  E_TOK_UTF8: "test/files/vocabulary-folder.test.ts",
  E_TOK_BOM: HOSTILE,
  E_TPL_UTF8: "test/files/chat-template.test.ts",
  E_TPL_BOM: HOSTILE,
  E_TPL_DEPTH: "test/text/jinja/render.test.ts",
  E_TPL_UNKNOWN: HOSTILE,
  E_ARG_SURROGATE: "test/text/tokenizer.test.ts",
};

/** Codes that are written down but cannot come: the family's other fault is taken out before. */
export const NEVER: Readonly<Record<string, string>> = {
  E_TEXT_BOM: "a byte order mark belongs to a text, and is taken off before it is decoded",
};
