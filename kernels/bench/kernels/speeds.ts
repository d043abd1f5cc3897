/**
 * Single kernels, as a model calls them: `speeds.ts THREADS [FORMAT...]`. Prints one JSON object: of each number format the
 * seconds of a product by how many tokens, and of attention the seconds for one token after 4,096.
 *
 * Weights are random bytes in their file's form, read in turn from more memory than any cache has. The integers that
 * activations are rounded to, and the copying in and out, are part of a product.
 */
import { FORMATS } from "../../../src/quant/index.ts";
import { type GroupBlocks, host, type Stored, stored } from "../../../src/tensor.ts";
import type { CacheFormat } from "../../../src/ops.ts";
import { QWQ_32B } from "../../../src/config.ts";
import { wasmBackend } from "../../wasm/index.ts";
import { grouped, type Product, products, PROMPT, WIDE } from "../../wasm/products.ts";
import type { Kind } from "./ceilings.ts";

/** Inputs and outputs of a matrix: those of the 0.5B shape's widest, both a multiple of 256. */
const WIDTH = 4864;
const TOKENS = [1, 16, 64, 128];
/** Bytes that one token is multiplied with before the first matrix comes again. */
export const MEMORY = 256e6;
const CONTEXT = 4096;
/** Integers under a scale for a group of inputs, as checkpoints of several tensors have them. */
export const GROUPED: Readonly<Record<string, (I: number) => GroupBlocks>> = {
  "int8 of ours, rows": (I) => form(8, I, false),
  "int8 of ours, groups of 128": () => form(8, 128, false),
  "AWQ, GPTQ: int4, groups of 128": () => form(4, 128, true),
};

function form(bits: 4 | 8, group: number, zeros: boolean): GroupBlocks {
  return { bits, group, scale: "F16", zeros, divided: false, order: undefined };
}

/** The kernel of a number format in rows of so many inputs. */
export function productOf(format: string, I: number, relaxed = false): Product {
  const blocks = GROUPED[format]?.(I);
  return blocks === undefined ? (products("int8", relaxed).get(format) ?? WIDE) : grouped(blocks, "int8");
}

const CACHES: readonly CacheFormat[] = ["f32", "bf16", "int8"];

/** One number format with so many tokens. */
export interface ProductSpeed {
  readonly format: string;
  /** Operands of its product, by which the ceiling is chosen. */
  readonly kind: Kind;
  readonly tokens: number;
  /** Bytes of weights. */
  readonly bytes: number;
  /** Multiplications and additions. */
  readonly operations: number;
  readonly seconds: number;
}

/** Attention of one token over a cache. */
export interface AttentionSpeed {
  readonly cache: CacheFormat;
  readonly context: number;
  /** Bytes of keys and values. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface Speeds {
  readonly products: readonly ProductSpeed[];
  readonly attention: readonly AttentionSpeed[];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Seconds of a call, the median of many; the first calls are for the engine's compilers. */
export function timed(call: (i: number) => unknown): number {
  const times: number[] = [];
  const ready = performance.now() + 100;
  for (let i = 0; times.length < 3 || performance.now() < ready + 250; i++) {
    const began = performance.now();
    call(i);
    if (began > ready) times.push((performance.now() - began) / 1000);
  }
  return median(times);
}

/** Numbers between -1 and 1, the same each time. */
export function drawn(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/**
 * A matrix of random bytes from 32 to 63, which make every exponent and scale a moderate one: with bytes from 0 on, some are
 * subnormal, as few of a real file are, and each such product takes the processor many times as long.
 */
export function matrix(name: string, O = WIDTH, I = WIDTH): Stored<"O I"> {
  const { block, bytes: blockBytes } = productOf(name, I);
  const rowBytes = (I / block) * blockBytes;
  const bytes = Uint8Array.from(drawn(rowBytes * 61), (value) => Math.floor(16 * (value + 3)));
  const window = <R>(_: number, rows: number, use: (bytes: Uint8Array) => R) => {
    const lent = new Uint8Array(rows * rowBytes);
    for (let at = 0; at < lent.length; at += bytes.length) lent.set(bytes.subarray(0, lent.length - at), at);
    return use(lent);
  };
  const widen = (_: number, rows: number, into: Float32Array) => into.fill(0.5, 0, rows * I);
  return stored<"O I">({ shape: [O, I], format: name, name, widen, window, blocks: GROUPED[name]?.(I) });
}

async function productsOf(format: string, threads: number): Promise<ProductSpeed[]> {
  const ops = await wasmBackend({ threads });
  const product = productOf(format, WIDTH, ops.relaxed);
  const bytes = ((WIDTH * WIDTH) / product.block) * product.bytes;
  const integers = product.quantise !== undefined;
  const few = integers && product.kernel.includes("relaxed") ? "i8" : "i16";
  const matrices = Array.from({ length: Math.ceil(MEMORY / bytes) }, () => matrix(format));
  for (const each of matrices) ops.linear(host<"T I">([1, WIDTH], drawn(WIDTH)), each); // brings them in
  const speeds = TOKENS.map((tokens) => {
    const x = host<"T I">([tokens, WIDTH], drawn(tokens * WIDTH));
    const seconds = timed((i) => ops.linear(x, matrices[i % matrices.length]!));
    const kind = integers ? (tokens >= PROMPT ? "i16" : few) : "f32";
    return { format, kind, tokens, bytes, operations: 2 * tokens * WIDTH * WIDTH, seconds } as const;
  });
  ops.close();
  return speeds;
}

/** One token of QwQ-32B's attention, in turn over several layers' keys and values. */
async function attentionOf(cache: CacheFormat, threads: number): Promise<AttentionSpeed> {
  const { keyHeads, heads, headSize: D } = QWQ_32B;
  const width = keyHeads * D;
  const bytes = 2 * CONTEXT * (width * { f32: 4, bf16: 2, int8: 1 }[cache] + (cache === "int8" ? 4 * keyHeads : 0));
  const ops = await wasmBackend({ threads });
  const rows = host<"T KD">([64, width], drawn(64 * width));
  const layers = ops.cache({ ...QWQ_32B, layers: Math.ceil(MEMORY / bytes) }, CONTEXT, cache).map((layer) => {
    for (let s = 64; s < CONTEXT; s += 64) layer.append(rows, rows);
    return layer.append(rows, rows);
  });
  const q = host<"T HD">([1, heads * D], drawn(heads * D));
  const seconds = timed((i) => {
    const { keys, values } = layers[i % layers.length]!;
    return ops.attention(q, keys, values, D);
  });
  ops.close();
  return { cache, context: CONTEXT, bytes, seconds };
}

if (process.argv[1] === import.meta.filename) {
  const threads = Number(process.argv[2] ?? 1);
  const formats = process.argv.length > 3 ? process.argv.slice(3) : [...FORMATS.keys(), ...Object.keys(GROUPED)];
  const made = [];
  for (const format of formats) made.push(...(await productsOf(format, threads)));
  const attention = [];
  for (const cache of CACHES) attention.push(await attentionOf(cache, threads));
  console.log(JSON.stringify({ products: made, attention } satisfies Speeds));
}
