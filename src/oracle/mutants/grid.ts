/** The grid that a matrix of integers with scales lies on, and the matrix a step of it further. */
import { HALF } from "../../quant/f16.ts";
import { type AnyTensor, isStored, stored, type Stored, type Tensor } from "../../tensor.ts";

/** Blocks of values under one scale. */
export interface Grid {
  readonly name: string;
  /** Values and bytes of a block; its first bytes are the scale. */
  readonly values: number;
  readonly bytes: number;
  /** What an engine may add to every code by mistake. */
  readonly offsets: readonly number[];
  /** The scale of the block that begins there: W = scale (code - zero). */
  scale(bytes: Uint8Array, at: number): number;
}

const half = (bytes: Uint8Array, at: number) => HALF[bytes[at]! | (bytes[at + 1]! << 8)]!;

/** GGUF's formats with one scale a block; the last offset is a zero point that was forgotten. */
const GGUF: readonly Grid[] = [
  { name: "Q8_0", values: 32, bytes: 34, offsets: [1, -1], scale: half },
  { name: "Q4_0", values: 32, bytes: 18, offsets: [1, -1, 8], scale: half },
  { name: "Q5_0", values: 32, bytes: 22, offsets: [1, -1, 16], scale: half },
];

/** The grid of a matrix, if it has one that can be read block by block. */
export function gridOf(W: AnyTensor): Grid | undefined {
  if (!isStored(W)) return undefined;
  const { blocks, format } = W as Stored<string>;
  if (blocks === undefined) return GGUF.find(({ name }) => name === format);
  const { bits, group, scale, zeros, divided, order } = blocks;
  if (order !== undefined) return undefined;
  const head = (scale === "F32" ? 4 : 2) + (zeros ? 1 : 0);
  const float = new DataView(new ArrayBuffer(4));
  const read = (bytes: Uint8Array, at: number) => {
    if (scale === "F16") return half(bytes, at);
    for (let i = 0; i < 4; i++) float.setUint8(i, scale === "F32" ? bytes[at + i]! : i < 2 ? 0 : bytes[at + i - 2]!);
    return float.getFloat32(0, true);
  };
  return {
    name: format,
    values: group,
    bytes: head + (bits * group) / 8,
    offsets: [1, -1],
    scale: (bytes, at) => read(bytes, at) / (divided ? 127 : 1),
  };
}

/** W with so many steps of the grid added to each value, a few rows at a time as they are used. */
export function shiftedBy<A extends string>(W: Tensor<A>, grid: Grid, steps: number): Stored<A> {
  const own = W as Stored<A>;
  const [, columns = 0] = own.shape;
  const blocks = columns / grid.values;
  return stored<A>({
    shape: own.shape,
    format: own.format,
    name: own.name,
    window: (first, rows, use) => own.window(first, rows, use),
    widen(first, rows, into) {
      own.widen(first, rows, into);
      own.window(first, rows, (bytes) => {
        for (let block = 0; block < rows * blocks; block++) {
          const step = steps * grid.scale(bytes, block * grid.bytes);
          for (let i = block * grid.values; i < (block + 1) * grid.values; i++) into[i] = into[i]! + step;
        }
      });
    },
  });
}
