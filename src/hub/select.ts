/**
 * Which files of a repository are wanted: those that running the model takes, or those that patterns name. Python's
 * pickles can run programs and are never among them.
 */
import { FormatError, IoError, UsageError } from "../errors.ts";
import type { Need } from "../files/hub-cache.ts";
import { INDEX, parseIndex } from "../files/shards.ts";
import { quote } from "../json/quote.ts";
import type { HubFile } from "./hub.ts";

const CONFIG = ["config.json", "generation_config.json"];
const TEXT = [
  ...CONFIG,
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "chat_template.jinja",
];
const SINGLE = "model.safetensors";
/** Python's pickles, by the names they go under. */
const PICKLE = /\.(?:bin|pt|pth|pkl|pickle|ckpt|joblib|npy|npz|h5|keras|mar)$/i;

/**
 * The files that a model needs. Where there is an index, `readIndex` gives its bytes, and the shards are those that it
 * names: some repositories hold the same weights twice.
 *
 * throws   FormatError E_FORMAT_UNSAFE where there are pickles alone, E_FORMAT_UNKNOWN where there are no weights;
 *          IoError E_HUB_MISSING for a shard that is not there; as `parseIndex` and `readIndex` do
 */
export async function needed(
  repository: string,
  files: readonly HubFile[],
  need: Need,
  readIndex: (index: HubFile) => Promise<Uint8Array>,
): Promise<HubFile[]> {
  const find = (name: string) => files.find(({ path }) => path === name);
  const small = files.filter(({ path }) => (need === "config" ? CONFIG : TEXT).includes(path));
  if (need !== "model") {
    if (small.length === 0) throw noWeights(repository, files);
    return small;
  }
  const [index, single] = [find(INDEX), find(SINGLE)];
  if (single !== undefined) return [...small, single];
  const shards =
    index === undefined
      ? files.filter(({ path }) => /^[^/]+\.safetensors$/.test(path))
      : [...new Set(parseIndex(await readIndex(index), `${repository}/${INDEX}`).weightMap.values())].map((name) => {
          const shard = find(name);
          if (shard !== undefined) return shard;
          const details = {
            expected: `${name}, which its index names`,
            actual: "none",
            hint: "The model is incomplete.",
          };
          throw new IoError("E_HUB_MISSING", repository, details);
        });
  if (shards.length === 0) throw noWeights(repository, files);
  return [...small, ...(index === undefined ? [] : [index]), ...shards];
}

/**
 * The files that any of the patterns names: `*` is any text, slashes too, and `?` one character, as in huggingface_hub.
 *
 * throws   FormatError E_FORMAT_UNSAFE where a pattern names nothing but pickles; UsageError E_ARG_FILE where it names
 *          nothing
 */
export function matching(repository: string, files: readonly HubFile[], patterns: readonly string[]): HubFile[] {
  for (const pattern of patterns) {
    const found = files.filter(({ path }) => matches(pattern, path));
    if (found.length === 0) {
      const actual = `none in ${repository}`;
      throw new UsageError("E_ARG_FILE", "--file", {
        expected: `a file called ${quote(pattern)}`,
        actual,
        hint: "qwq download --dry-run lists what is taken without it.",
      });
    }
    if (found.every(({ path }) => PICKLE.test(path))) throw unsafe(repository, found[0]!.path);
  }
  return files.filter(({ path }) => !PICKLE.test(path) && patterns.some((pattern) => matches(pattern, path)));
}

/** Whether the text is of that pattern: linear but for the one `*` that may have to take more. */
export function matches(pattern: string, text: string): boolean {
  let [p, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === "*") [star, resume, p] = [p, t, p + 1];
    else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) [p, t] = [p + 1, t + 1];
    else if (star < 0) return false;
    else [p, t, resume] = [star + 1, resume + 1, resume + 1];
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

function noWeights(repository: string, files: readonly HubFile[]): FormatError {
  const gguf = files.filter(({ path }) => path.endsWith(".gguf")).map(({ path }) => path);
  const pickle = files.find(({ path }) => PICKLE.test(path));
  if (gguf.length === 0 && pickle !== undefined) return unsafe(repository, pickle.path);
  const some = gguf.slice(0, 3).join(", ");
  return new FormatError("E_FORMAT_UNKNOWN", repository, {
    expected: "safetensors files",
    actual: gguf.length === 0 ? "none" : `GGUF files: ${some}${gguf.length > 3 ? ", ..." : ""}`,
    hint: gguf.length === 0 ? "It may be no model." : `Name one: qwq download ${repository} --file ${gguf[0]!}`,
  });
}

function unsafe(repository: string, path: string): FormatError {
  return new FormatError("E_FORMAT_UNSAFE", repository, {
    expected: "safetensors or GGUF files",
    actual: path,
    hint: "Such a file can run programs and is never fetched; look for the model in safetensors.",
  });
}
