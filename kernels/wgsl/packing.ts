/**
 * Weights as they lie on the device, exactly the values that the file has.
 *
 * layout   words u32 [O/64][J/4][64][4]: a word holds values of one row that follow each other (4 bytes, 2 halves, or 1
 *          float32); 64 rows lie beside each other, four words of each, so that 64 threads read 1 KiB in a row.
 *          Scales f32 [O/64][K/group][64]. What is missing to 64 rows, or to four words, is zeros.
 */
import { HALF } from "../../src/quant/f16.ts";
import type { Stored } from "../../src/tensor.ts";

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

/** Blocks of 34 bytes: a scale of 16 bits and 32 values. */
const Q8_0: Packing = {
  kind: "i8",
  group: 32,
  pack(W, first, rows, words, scales) {
    const blocks = W.shape[1]! / 32;
    W.window(first, rows, (bytes) => {
      let from = 0;
      for (let r = 0; r < rows; r++) {
        for (let b = 0; b < blocks; b++, from += 34) {
          scales[TILE * b + r] = HALF[bytes[from]! | (bytes[from + 1]! << 8)]!;
          for (let i = 0; i < 8; i++) {
            const q = from + 2 + 4 * i;
            words[at(8 * b + i, r)] = bytes[q]! | (bytes[q + 1]! << 8) | (bytes[q + 2]! << 16) | (bytes[q + 3]! << 24);
          }
        }
      }
    });
  },
};

const PACKINGS: ReadonlyMap<string, Packing> = new Map([
  ["BF16", halves("bf16")],
  ["F16", halves("f16")],
  ["Q8_0", Q8_0],
]);

/** The form for a matrix. */
export function packingOf(W: Stored<string>): Packing {
  return PACKINGS.get(W.format) ?? FLOATS;
}
