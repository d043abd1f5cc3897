/**
 * How engines keep keys and values from token to token, where that is not as they are computed.
 *
 *   bf16, f16   each value rounded to nearest, ties to even
 *   int8        bytes with a float32 scale for each token and head:    s = max |x| / 127,  kept(x) = s round(x / s)
 *   q8_0        bytes with a float16 scale for each 32 values of a row: the same, s rounded after it divided (the last
 *               block is shorter where a row is not whole ones)
 *
 * source   llama.cpp, ggml-quants.c: quantize_row_q8_0_ref; src/reference/kept.ts
 */
import { UsageError } from "../../errors.ts";
import { BF16, F16, type Rounding, ulp } from "./formats.ts";

/** Which way values go that lie within a hair of the middle of two: engines divide in different ways. */
export type Ties = "up" | "down";

/** A format in which an engine keeps keys and values. */
export interface KvFormat {
  readonly name: "bf16" | "f16" | "int8" | "q8_0";
  /** Whether a scale goes with each block of values. */
  readonly blocks: boolean;
  /** The relative error of a row, about: what is granted where its values are not known. */
  readonly error: number;
  /** Rounds a row of heads of D, in place. */
  round(row: Float64Array, D: number, ties?: Ties): void;
  /** How far apart the numbers are that a value of the row may become, for each. */
  steps(row: Float64Array, D: number): Float64Array;
}

const single = (name: "bf16" | "f16", format: Rounding): KvFormat => ({
  name,
  blocks: false,
  error: format.u / 2,
  round: (row) => row.forEach((x, i) => (row[i] = format.round(x))),
  steps: (row) => row.map((x) => ulp(x, format.u)),
});

const inBlocks = (name: "int8" | "q8_0", sizeOf: (D: number) => number, scaled: (s: number) => number): KvFormat => ({
  name,
  blocks: true,
  error: 2 ** -7,
  round(row, D, ties) {
    eachBlock(row, sizeOf(D), (block, s) => {
      const scale = scaled(s);
      for (let i = 0; i < block.length; i++) block[i] = s === 0 ? 0 : scale * nearest(block[i]! / s, ties);
    });
  },
  steps(row, D) {
    const steps = new Float64Array(row);
    eachBlock(steps, sizeOf(D), (block, s) => block.fill(s));
    return steps;
  },
});

function eachBlock(row: Float64Array, size: number, each: (block: Float64Array, s: number) => void): void {
  for (let at = 0; at < row.length; at += size) {
    const block = row.subarray(at, at + size);
    let largest = 0;
    for (const x of block) largest = Math.max(largest, Math.abs(x));
    each(block, largest / 127);
  }
}

/** In float32 x / s is off by up to 1e-5 of a step, or s x the inverse is. */
const HAIR = 1e-4;

/** The nearest whole number; within a hair of the middle as told, or else the even one. */
function nearest(x: number, ties: Ties | undefined): number {
  const down = Math.floor(x);
  const part = x - down;
  if (ties !== undefined && Math.abs(part - 0.5) < HAIR) return ties === "up" ? down + 1 : down;
  return part > 0.5 || (part === 0.5 && down % 2 !== 0) ? down + 1 : down;
}

const FORMATS: readonly KvFormat[] = [
  single("bf16", BF16),
  single("f16", F16),
  inBlocks("int8", (D) => D, Math.fround),
  inBlocks("q8_0", () => 32, F16.round),
];

/** Other spellings of the same; `undefined` is float32, in which nothing is rounded that was not before. */
const ALIASES: readonly (readonly [pattern: RegExp, name: KvFormat["name"] | undefined])[] = [
  [/^(f32|fp32|float32)$/, undefined],
  [/^(bf16|bfloat16)$/, "bf16"],
  [/^(f16|fp16|float16|half)$/, "f16"],
  [/^int8$/, "int8"],
  [/^(q8|q8_0)$/, "q8_0"],
];

/** The format of that name, which may be spelled as engines do; `undefined` for float32. Throws UsageError E_ARG_KV. */
export function kvFormatOf(name: string): KvFormat | undefined {
  const known = ALIASES.find(([pattern]) => pattern.test(name.toLowerCase()));
  if (known !== undefined) return FORMATS.find((format) => format.name === known[1]);
  throw new UsageError("E_ARG_KV", "kv-dtype", {
    expected: "one of f32, bf16, f16, int8, q8_0",
    actual: `"${name}"`,
    hint: "Say with --kv-dtype how the engine keeps keys and values.",
  });
}

/** Rows that an engine read from its cache: what its format makes of their heads of D. */
export interface KeptRows {
  readonly format: KvFormat;
  readonly D: number;
}

/**
 * Whether a row is one of the format's, to within what float32 (or an engine's own rounding, `u`) does to a product of
 * scale and byte.
 */
export function isKept(row: Float64Array, { format, D }: KeptRows, u: number): boolean {
  const again = row.slice();
  format.round(again, D);
  const largest = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const hair = format.blocks ? (4 * u + 2 ** -20) * largest : 0;
  return row.every((x, i) => Math.abs(again[i]! - x) <= hair);
}

/** The row as the format keeps it. */
export function keptRow(row: Float64Array, { format, D }: KeptRows): Float64Array {
  const made = row.slice();
  format.round(made, D);
  return made;
}
