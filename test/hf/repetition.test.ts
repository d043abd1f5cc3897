import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { LoopDetector } from "../../src/generate/repetition.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { QWEN_TOKENIZER } from "../support/real.ts";

const root = join(import.meta.dirname, "../../node_modules");
const MOST_BYTES = 2_000_000;

/** Files that do repeat: tables of Unicode with the same number hundreds of times on end. */
const TABLES = ["assemblyscript/std/assembly/util/string.ts"];

/** Up to 2 MB of files with that ending, spread over all of node_modules. */
function some(ending: string): string[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => {
      const stat = name.endsWith(ending) ? statSync(join(root, name)) : undefined;
      return stat?.isFile() === true && stat.size < 300_000; // a folder may be called decimal.js
    })
    .sort();
  let bytes = 0;
  const step = 7919; // a prime, so that every file's turn comes
  return files
    .map((_, i) => files[(i * step) % files.length]!)
    .filter((name) => (bytes += statSync(join(root, name)).size) < MOST_BYTES);
}

describe.skipIf(!existsSync(QWEN_TOKENIZER))("LoopDetector on Qwen's tokens of ordinary files (npm run setup)", () => {
  it.each([".d.ts", ".ts", ".js", ".cjs", ".json", ".md"])("does not fire in 2 MB of %s", (ending) => {
    const tokenizer = new Tokenizer(readTokenizerJson(readFileSync(QWEN_TOKENIZER), QWEN_TOKENIZER));
    const files = some(ending);
    expect(files.length).toBeGreaterThan(20);
    const fired = files.filter((name) => {
      if (TABLES.includes(name)) return false;
      const detector = new LoopDetector();
      return tokenizer.encode(readFileSync(join(root, name), "utf8")).some((id) => detector.push(id) !== undefined);
    });
    expect(fired).toEqual([]);
  });
});
