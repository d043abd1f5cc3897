/**
 * The number formats a GGUF file may hold, by their number there: what they are called, and how many values and bytes a
 * block has, which is all that laying out a file needs. Those that can be widened stand in src/quant.
 *
 * source   ggml: enum ggml_type and type_traits; gguf-py: GGML_QUANT_SIZES
 */

export interface GgmlType {
  readonly name: string;
  /** Values in a block. */
  readonly block: number;
  /** Bytes in a block. */
  readonly bytes: number;
}

const TABLE: readonly (readonly [id: number, name: string, block: number, bytes: number])[] = [
  [0, "F32", 1, 4],
  [1, "F16", 1, 2],
  [2, "Q4_0", 32, 18],
  [3, "Q4_1", 32, 20],
  [6, "Q5_0", 32, 22],
  [7, "Q5_1", 32, 24],
  [8, "Q8_0", 32, 34],
  [10, "Q2_K", 256, 84],
  [11, "Q3_K", 256, 110],
  [12, "Q4_K", 256, 144],
  [13, "Q5_K", 256, 176],
  [14, "Q6_K", 256, 210],
  [16, "IQ2_XXS", 256, 66],
  [17, "IQ2_XS", 256, 74],
  [18, "IQ3_XXS", 256, 98],
  [19, "IQ1_S", 256, 50],
  [20, "IQ4_NL", 32, 18],
  [21, "IQ3_S", 256, 110],
  [22, "IQ2_S", 256, 82],
  [23, "IQ4_XS", 256, 136],
  [24, "I8", 1, 1],
  [25, "I16", 1, 2],
  [26, "I32", 1, 4],
  [27, "I64", 1, 8],
  [28, "F64", 1, 8],
  [29, "IQ1_M", 256, 56],
  [30, "BF16", 1, 2],
  [34, "TQ1_0", 256, 54],
  [35, "TQ2_0", 256, 66],
  [39, "MXFP4", 32, 17],
];

export const GGML_TYPES: ReadonlyMap<number, GgmlType> = new Map(
  TABLE.map(([id, name, block, bytes]) => [id, { name, block, bytes }]),
);

/**
 * Numbers that no file should have. Q8_1 and Q8_K are what ggml makes of activations while it multiplies; it quantises no
 * file to them. There would be nothing to compare Q8_1 with: neither ggml's type_traits nor gguf-py can widen it, and
 * they differ about its block (block_q8_1: two halves and 32 bytes; GGML_QUANT_SIZES: 40 bytes).
 */
export const NO_FILE_HAS: ReadonlyMap<number, string> = new Map([
  [4, "Q4_2, which was withdrawn"],
  [5, "Q4_3, which was withdrawn"],
  [9, "Q8_1, which only exists in ggml's memory"],
  [15, "Q8_K, which only exists in ggml's memory"],
]);
