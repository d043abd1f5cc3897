/** Files of a repository on a hub. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { TINY } from "./cli.ts";

/** The embedded model's files. */
export function tinyFolder(): Record<string, Uint8Array> {
  const names = readdirSync(TINY).filter((name) => statSync(join(TINY, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(TINY, name))]));
}

/** So many bytes, the same each time, with no period that a part could hide in. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const text = (content: string) => Buffer.from(content);

/** A model in two shards, with an index, a file that is not needed, and weights a second time as a pickle. */
export function shardedFiles(bytes = 300_000): Record<string, Uint8Array> {
  const [a, b] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  return {
    "config.json": text("{}"),
    "tokenizer.json": text('{"a": 1}'),
    "README.md": text("read me"),
    "model.safetensors.index.json": text(JSON.stringify({ weight_map: { x: a, y: b } })),
    [a]: noise(bytes, 1),
    [b]: noise(bytes, 2),
    "consolidated.safetensors": noise(bytes, 3),
    "pytorch_model.bin": noise(5000, 4),
  };
}
