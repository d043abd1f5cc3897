/** Seconds to encode a megabyte with the real Qwen vocabulary. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../src/generate/random.ts";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";

const MEGABYTE = 1e6;

/** Texts of a megabyte each (in UTF-8, about): prose said over and over, real code, characters drawn from ranges, one word. */
function texts(root: string): Record<string, string> {
  const prose = readFileSync(join(root, "golden/smollm2/text.txt"), "utf8");
  const code = readFileSync(join(root, "node_modules/typescript/lib/typescript.js"), "utf8");
  const random = new Random(1);
  const drawn = (low: number, high: number, count: number) =>
    Array.from({ length: count }, () => String.fromCodePoint(low + Math.floor(random.fraction() * (high - low)))).join(
      "",
    );
  return {
    "English prose, repeated": prose.repeat(Math.ceil(MEGABYTE / prose.length)).slice(0, MEGABYTE),
    JavaScript: code.slice(0, MEGABYTE),
    "Chinese characters, drawn": drawn(0x4e00, 0x9fa5, MEGABYTE / 3),
    "all of Unicode, drawn": drawn(0xe000, 0x10ffff, MEGABYTE / 4),
    "one word of a letter": "a".repeat(MEGABYTE),
  };
}

export function encodeSpeed(root: string) {
  const path = join(root, ".cache/qwen/tokenizer.json");
  if (!existsSync(path)) return undefined;
  const vocabulary = readTokenizerJson(readFileSync(path), path);
  return Object.entries(texts(root)).map(([text, value]) => {
    const tokenizer = new Tokenizer(vocabulary, path);
    const began = performance.now();
    const ids = tokenizer.encode(value);
    return { text, seconds: (performance.now() - began) / 1000, tokens: ids.length };
  });
}
