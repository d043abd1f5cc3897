/** Damaged GGUF headers, read by ggml itself, by gguf-py, and by us. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { GGML_TYPES } from "../../src/files/ggml-types.ts";
import { readGguf } from "../../src/files/gguf.ts";
import { Random } from "../fuzz/random.ts";
import { structuredGguf } from "../fuzz/targets/gguf.ts";
import { inMemory } from "../support/gguf.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const python = path("../../.cache/venv/bin/python");
const library = path("../../.cache/ggml/libggml-base.so");

const FILES = 2_000;

/** The only codes with which we may refuse what ggml reads, and what it reads there. */
const STRICTER: ReadonlyMap<string, string> = new Map([
  ["E_GGUF_KEY", "keys that are not UTF-8"],
  ["E_GGUF_NAME", "names of tensors that are empty, or not UTF-8"],
  ["E_GGUF_SHAPE", "sizes of 0"],
  ["E_GGUF_TRAILING", "anything after the last tensor"],
  ["E_GGUF_TRUNCATED", "data cut short, as long as nobody asks for them"],
  ["E_GGUF_TYPE", "bools that are neither 0 nor 1"],
]);

type Read = readonly [keys: readonly string[], tensors: readonly (readonly [string, number, number, number])[]];
interface Theirs {
  readonly py: Read | string;
  readonly ggml: Read | string;
}

function theirs(files: readonly Uint8Array[]): Theirs[] {
  const input = files.flatMap((file) => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32LE((file.length | (typeof ours(file) === "string" ? 0 : 2 ** 31)) >>> 0);
    return [prefix, file];
  });
  const options = { input: Buffer.concat(input), maxBuffer: 1 << 28 };
  const text = execFileSync(python, [path("gguf_read.py"), library], options);
  return text.toString().trimEnd().split("\n").map((line) => JSON.parse(line) as Theirs); // prettier-ignore
}

const ids = new Map([...GGML_TYPES].map(([id, { name }]) => [name, id]));

function ours(file: Uint8Array): Read | string {
  try {
    const { metadata, tensors } = readGguf(inMemory(file));
    return [
      [...metadata.keys()],
      tensors.map(({ name, format, offset, bytes }) => [name, ids.get(format)!, offset, bytes] as const),
    ];
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    throw error;
  }
}

describe.skipIf(!existsSync(python) || !existsSync(library))("GGUF", () => {
  const files = Array.from({ length: FILES }, (_, i) => structuredGguf(new Random("differential", 1, i)));

  test(`what we accept of ${FILES} headers, ggml and gguf-py read alike; what ggml reads and we refuse is named`, () => {
    const read = theirs(files);
    expect(read.length).toBe(files.length);
    const counts = { both: 0, neither: 0, crashes: 0 };
    const stricter = new Map<string, number>();
    const unequal: unknown[] = [];
    files.forEach((file, i) => {
      const [got, { py, ggml }] = [ours(file), read[i]!];
      if (ggml === "crash") counts.crashes++;
      if (typeof got !== "string") {
        counts.both++;
        const same = JSON.stringify(got);
        if (same !== JSON.stringify(ggml) || same !== JSON.stringify(py)) unequal.push({ i, got, ggml, py });
      } else if (typeof ggml === "string") counts.neither++;
      else stricter.set(got, (stricter.get(got) ?? 0) + 1);
    });
    console.log(`GGUF: ${JSON.stringify(counts)}, stricter: ${JSON.stringify([...stricter])}`);
    expect(unequal.slice(0, 3)).toEqual([]);
    expect([...stricter.keys()].sort()).toEqual([...STRICTER.keys()].sort());
    expect(counts.both).toBeGreaterThan(1000);
    expect(counts.neither).toBeGreaterThan(500);
  });
});
