/**
 * Weights as they lie on the device, exactly the values that the file has.
 *
 * layout   words u32 [O/64][J/4][64][4]: a word holds values of one row that follow each other (4 bytes, 2 halves, or 1
 *          float32); 64 rows lie beside each other, four words of each, so that 64 threads read 1 KiB in a row.
 *          Scales f32 [O/64][K/group][64]. What is missing to 64 rows, or to four words, is zeros.
 */
import { HALF } from "../../src/quant/f16.ts";
import { FORMATS } from "../../src/quant/index.ts";
import type { GroupBlocks, Stored } from "../../src/tensor.ts";

/** Rows that lie beside each other. */
export const TILE = 64;

/** How a word is read. "i8x3" is three bytes in a float32, as kernels/gpujs has them. */
export type Kind = "f32" | "f16" | "bf16" | "i8" | "i8x3";

/** Values in a word. */
export const PER_WORD: Readonly<Record<Kind, number>> = { f32: 1, f16: 2, bf16: 2, i8: 4, i8x3: 3 };

/** Words of a row, with those that fill up the last four. */
export function wordsOf(kind: Kind, K: number): number {
  return 4 * Math.ceil(K / PER_WORD[kind] / 4);
}

/** Where word j of row r of a tile lies. */
function at(j: number, r: number): number {
  return 4 * (TILE * (j >> 2) + r) + (j & 3);
}

/** One form. `pack` writes at most 64 rows: a tile. */
export interface Packing {
  readonly kind: Kind;
  /** Values of a row that share a scale; 0 where there are none. */
  readonly group: number;
  pack(W: Stored<string>, first: number, rows: number, words: Uint32Array, scales: Float32Array): void;
}

/** A value as it is: what no other form has. */
const FLOATS: Packing = {
  kind: "f32",
  group: 0,
  pack(W, first, rows, words) {
    const [, K = 0] = W.shape;
    const wide = new Float32Array(rows * K);
    W.widen(first, rows, wide);
    const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
    for (let r = 0; r < rows; r++) for (let k = 0; k < K; k++) floats[at(k, r)] = wide[r * K + k]!;
  },
};

/** Two halves a word, the first one low. */
const halves = (kind: "f16" | "bf16"): Packing => ({
  kind,
  group: 0,
  pack(W, first, rows, words) {
    const [, K = 0] = W.shape;
    W.window(first, rows, (bytes) => {
      for (let r = 0; r < rows; r++) {
        for (let k = 0, from = 2 * r * K; k < K; k++, from += 2) {
          words[at(k >> 1, r)]! |= (bytes[from]! | (bytes[from + 1]! << 8)) << (16 * (k & 1));
        }
      }
    });
  },
});

/** Blocks of a scale of 16 bits and 32 values. */
const Q8_0: Packing = {
  kind: "i8",
  group: 32,
  pack(W, first, rows, words, scales) {
    const blocks = W.shape[1]! / 32;
    W.window(first, rows, (bytes) => {
      for (let r = 0, from = 0; r < rows; r++) {
        for (let b = 0; b < blocks; b++, from += 34) {
          scales[TILE * b + r] = HALF[bytes[from]! | (bytes[from + 1]! << 8)]!;
          putBytes(bytes, from + 2, 32, words, 8 * b, r);
        }
      }
    });
  },
};

/** Blocks of 32 whose values are d q, q a whole number of at most eight bits, and d the float16 at their beginning. */
const symmetric = (format: string): Packing => ({
  kind: "i8",
  group: 32,
  pack(W, first, rows, words, scales) {
    const { bytes: size } = FORMATS.get(format)!;
    const [, K = 0] = W.shape;
    const wide = new Float32Array(rows * K);
    W.widen(first, rows, wide);
    const q = new Uint8Array(K);
    W.window(first, rows, (bytes) => {
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < K; k++) {
          const block = r * (K / 32) + (k >> 5);
          const d = HALF[bytes[block * size]! | (bytes[block * size + 1]! << 8)]!;
          if (k % 32 === 0) scales[TILE * (k >> 5) + r] = d;
          q[k] = d === 0 ? 0 : Math.round(wide[r * K + k]! / d); // the quotient is whole: d q is exact
        }
        putBytes(q, 0, K, words, 0, r);
      }
    });
  },
});

/** Groups of 8 bits without a zero point, or of 4 bits: q - z has eight bits at most. */
const grouped = ({ bits, group, scale, zeros }: GroupBlocks): Packing => ({
  kind: "i8",
  group,
  pack(W, first, rows, words, scales) {
    const groups = W.shape[1]! / group;
    const q = new Uint8Array(group);
    W.window(first, rows, (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let r = 0, from = 0; r < rows; r++) {
        for (let g = 0; g < groups; g++) {
          scales[TILE * g + r] = SCALES[scale](view, from);
          from += scale === "F32" ? 4 : 2;
          const zero = !zeros ? 8 : bytes[from]!;
          if (zeros) from++;
          if (bits === 8) q.set(bytes.subarray(from, from + group));
          else for (let i = 0; i < group; i++) q[i] = nibble(bytes, from, i) - zero;
          putBytes(q, 0, group, words, (g * group) / 4, r);
          from += (group * bits) / 8;
        }
      }
    });
  },
});

const SCALES: Readonly<Record<GroupBlocks["scale"], (view: DataView, at: number) => number>> = {
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => HALF[view.getUint16(at, true)]!,
  BF16: (view, at) => new Float32Array(Uint32Array.of(view.getUint16(at, true) << 16).buffer)[0]!,
};

/** Input i of 4 bits: 32 of them lie in 16 bytes, the second half of them high. */
function nibble(bytes: Uint8Array, from: number, i: number): number {
  return (bytes[from + 16 * (i >> 5) + (i & 15)]! >> (i & 16 ? 4 : 0)) & 15;
}

/** Puts bytes of a row into its words from `word` on. */
function putBytes(bytes: Uint8Array, from: number, count: number, words: Uint32Array, word: number, r: number): void {
  for (let i = 0; i < count; i += 4, word++) {
    const q = from + i;
    words[at(word, r)] = bytes[q]! | (bytes[q + 1]! << 8) | (bytes[q + 2]! << 16) | (bytes[q + 3]! << 24);
  }
}

const PACKINGS: ReadonlyMap<string, Packing> = new Map([
  ["BF16", halves("bf16")],
  ["F16", halves("f16")],
  ["Q8_0", Q8_0],
  ...["Q4_0", "Q5_0", "IQ4_NL"].map((name) => [name, symmetric(name)] as const),
]);

/** The form for a matrix. */
export function packingOf(W: Stored<string>): Packing {
  const { blocks } = W;
  if (blocks === undefined) return PACKINGS.get(W.format) ?? FLOATS;
  const fits = !blocks.divided && blocks.order === undefined && (blocks.bits === 4 || !blocks.zeros);
  return fits ? grouped(blocks) : FLOATS;
}
