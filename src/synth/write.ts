/** Writing one shard of a synthetic checkpoint: drawn a few megabytes at a time, whole or not at all. */
import { join } from "node:path";
import { writeAtomically } from "../files/output.ts";
import { DTYPE_SIZE, Drawer } from "./draw.ts";
import { layoutOf, type Shard } from "./shards.ts";

/** Values drawn between two writes: 8 MB in bfloat16. */
const PIECE = 1 << 22;

/**
 * Writes the shard into `folder`. `onBytes` is told after each piece how many bytes it had; what it throws ends the
 * writing, and leaves nothing.
 *
 * throws   as `writeAtomically`
 */
export function writeShard(folder: string, shard: Shard, seed: bigint, onBytes: (bytes: number) => void): void {
  const { head, sorted } = layoutOf(shard, seed);
  writeAtomically(join(folder, shard.file), (write) => {
    write(head);
    for (const [, tensor] of sorted) {
      const drawer = new Drawer(seed, tensor, tensor.dtype);
      const size = tensor.bytes.length / DTYPE_SIZE[tensor.dtype];
      for (let first = 0; first < size; first += PIECE) {
        const bytes = drawer.draw(first, Math.min(PIECE, size - first));
        write(bytes);
        onBytes(bytes.length);
      }
    }
  });
}
