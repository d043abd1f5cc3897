/**
 * Weights as they lie on the device, exactly the values that the file has.
 *
 * layout   words u32 [O/64][J][64]: a word holds values of one row that follow each other (4 bytes, 2 halves, or 1
 *          float32), 64 rows lie word by word beside each other, so that 64 threads read 64 words in a row.
 *          Scales f32 [O/64][K/group][64]. What is missing to 64 rows is zeros.
 */
import { HALF } from "../../src/quant/f16.ts";
import type { Stored } from "../../src/tensor.ts";

/** Rows that lie beside each other. */
export const TILE = 64;

/** How a word is read. "i8x3" is three bytes in a float32, as kernels/gpujs has them. */
export type Kind = "f32" | "f16" | "bf16" | "i8" | "i8x3";

/** Values in a word. */
export const PER_WORD: Readonly<Record<Kind, number>> = { f32: 1, f16: 2, bf16: 2, i8: 4, i8x3: 3 };

/** One form. `pack` writes at most 64 rows; a word of row r lies at `words[64 j + r]`. */
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
    for (let r = 0; r < rows; r++) for (let k = 0; k < K; k++) floats[TILE * k + r] = wide[r * K + k]!;
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
        for (let k = 0, at = 2 * r * K; k < K; k++, at += 2) {
          words[TILE * (k >> 1) + r]! |= (bytes[at]! | (bytes[at + 1]! << 8)) << (16 * (k & 1));
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
      let at = 0;
      for (let r = 0; r < rows; r++) {
        for (let b = 0; b < blocks; b++, at += 34) {
          scales[TILE * b + r] = HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;
          for (let i = 0; i < 8; i++) {
            const q = at + 2 + 4 * i;
            words[TILE * (8 * b + i) + r] =
              bytes[q]! | (bytes[q + 1]! << 8) | (bytes[q + 2]! << 16) | (bytes[q + 3]! << 24);
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
