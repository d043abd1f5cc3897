/** What is fuzzed: a reader, and how input for it is made. */
import { damage } from "./bytes.ts";
import { damageJson, type Outline, outline } from "./json.ts";
import { Random } from "./random.ts";

export interface Target {
  readonly name: string;
  /** The ending of its files in the corpus. */
  readonly extension: "json" | "jinja" | "bin";
  /** Whole input, from which damaged input is made; none where all of it is structured. */
  readonly seeds: readonly Uint8Array[];
  /** Input made by somebody who knows the format. */
  structured(random: Random): Uint8Array;
  /** In place of all that: the input of a case by its number alone. */
  numbered?(number: number): Uint8Array;
  /** Reads the input, and does with it whatever the program would do before it opens anything else. */
  read(bytes: Uint8Array): void;
  /** The code of an error that is no QwqError and yet may be thrown. */
  code?(error: unknown): string | undefined;
}

/** Case `number` of a seed: every other one made with knowledge of the format, the others by damaging bytes. */
export function makeCase(target: Target, seed: number, number: number): Uint8Array {
  if (target.numbered !== undefined) return target.numbered(number);
  const random = new Random(target.name, seed, number);
  if (number % 2 === 0 || target.seeds.length === 0) return target.structured(random);
  return damage(random.pick(target.seeds), target.seeds, random);
}

/** A target whose input is JSON: `documents` that its reader accepts, and `extra` values that mean something to it. */
export function jsonTarget(
  name: string,
  documents: readonly string[],
  extra: readonly string[],
  read: (bytes: Uint8Array) => void,
): Target {
  const outlines: readonly Outline[] = documents.map(outline);
  return {
    name,
    extension: "json",
    seeds: documents.map((text) => Buffer.from(text)),
    structured: (random) => Buffer.from(damageJson(outlines, extra, random)),
    read,
  };
}
