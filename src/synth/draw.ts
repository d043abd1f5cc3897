/**
 * How each parameter of a synthetic model is drawn. The four bytes of a random word are added up, which is close to a
 * normal distribution and has 1,021 values, so that a table turns words into numbers:
 *
 *   y = centre + (b0 + b1 + b2 + b3 - 510) * factor / sqrt(21845 * inputs)
 *
 * The sum has the variance 4 (256^2 - 1) / 12 = 21845: with factor 1, matrices have the variance 1 / inputs, which keeps
 * activations near 1. Queries and keys are half as large again, so that attention is not flat; gains lie about 1.
 *
 * numbers  float64, then rounded to float32, then to the dtype, to even each time: the same bits in golden/synth.py
 * golden   synth/values.json
 */
import { createHash } from "node:crypto";
import type { Layer, Weights } from "../weights.ts";
import { type Key, threefry } from "./threefry.ts";

/** The number formats a synthetic checkpoint can have, as safetensors calls them. */
export const DTYPES = ["BF16", "F16", "F32"] as const;
export type Dtype = (typeof DTYPES)[number];

export const DTYPE_SIZE: Readonly<Record<Dtype, number>> = { BF16: 2, F16: 2, F32: 4 };

/** What a parameter is for, as src/weights.ts calls it. */
export type Role = keyof Layer | keyof Pick<Weights, "E" | "g" | "U">;

/** One tensor to be drawn. */
export interface Drawn {
  readonly name: string;
  readonly role: Role;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
}

const FACTORS: Readonly<Record<Role, readonly [centre: number, factor: number]>> = {
  g1: [1, 0.25],
  g2: [1, 0.25],
  g: [1, 0.25],
  bq: [0, 0.5],
  bk: [0, 0.5],
  bv: [0, 0.5],
  Wq: [0, 1.5],
  Wk: [0, 1.5],
  Wv: [0, 1],
  Wo: [0, 1],
  Wgate: [0, 1],
  Wup: [0, 1],
  Wdown: [0, 1],
  E: [0, 1],
  U: [0, 2],
};

/** The 1,021 values, by the sum of the bytes. */
function values({ role, shape }: Drawn): Float32Array {
  const [centre, factor] = FACTORS[role];
  const inputs = shape.length === 1 || role === "E" ? 1 : shape[1]!; // an embedding's row is an activation
  const scale = factor / Math.sqrt(21_845 * inputs);
  return Float32Array.from({ length: 1021 }, (_, sum) => centre + (sum - 510) * scale);
}

/** float32 to bfloat16: its upper half, to even. No value here is NaN or too large. */
function bfloat16(table: Float32Array): Uint16Array {
  const bits = new Uint32Array(table.buffer);
  return Uint16Array.from(bits, (u) => (u + 0x7fff + ((u >>> 16) & 1)) >>> 16);
}

/** float32 to float16, to even, subnormals too. Values here lie far below its largest. */
function float16(table: Float32Array): Uint16Array {
  return Uint16Array.from(table, (y) => {
    const size = Math.abs(y);
    const exponent = Math.max(-14, Math.floor(Math.log2(size))); // a power of two too low only doubles the count
    const steps = size * 2 ** (10 - exponent);
    const below = Math.floor(steps);
    const rest = steps - below;
    const count = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
    const sign = y < 0 ? 0x8000 : 0;
    return sign + (count === 0 ? 0 : ((exponent + 14) << 10) + count); // the hidden bit carries into the exponent
  });
}

/** The key of a tensor: the first eight bytes of sha256 of "<seed> <name>", two little-endian words. */
export function keyOf(seed: bigint, name: string): Key {
  const hash = createHash("sha256").update(`${seed} ${name}`).digest();
  return { low: hash.readUInt32LE(0), high: hash.readUInt32LE(4) };
}

/** Words made at a time: 64 KiB, which stay in the processor's nearest cache; a fifth faster than 512 KiB. */
const WORDS = 1 << 14;

/** A tensor's values, as many at a time as are wanted. */
export class Drawer {
  readonly #key: Key;
  readonly #table: Uint16Array | Float32Array;
  readonly #words = new Uint32Array(WORDS);

  constructor(seed: bigint, tensor: Drawn, dtype: Dtype) {
    this.#key = keyOf(seed, tensor.name);
    const exact = values(tensor);
    this.#table = dtype === "BF16" ? bfloat16(exact) : dtype === "F16" ? float16(exact) : exact;
  }

  /** Values [first, first + count) of the tensor, row after row, as its file has them. */
  draw(first: number, count: number): Uint8Array {
    const table = this.#table;
    const into = table instanceof Float32Array ? new Float32Array(count) : new Uint16Array(count);
    for (let done = 0; done < count;) {
      const odd = (first + done) % 2;
      const take = Math.min(WORDS - odd, count - done);
      const words = this.#words.subarray(0, (take + odd + 1) & ~1);
      threefry(this.#key, Math.floor((first + done) / 2), words);
      look(words, odd, table, into, done, take);
      done += take;
    }
    return new Uint8Array(into.buffer);
  }
}

function look(
  words: Uint32Array,
  from: number,
  table: Uint16Array | Float32Array,
  into: Uint16Array | Float32Array,
  to: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const w = words[from + i]!;
    into[to + i] = table[(w & 255) + ((w >>> 8) & 255) + ((w >>> 16) & 255) + (w >>> 24)]!;
  }
}
