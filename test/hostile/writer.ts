/** Writes a file of 1 MiB of one letter, 20 times, as fast as it can: two of these get into each other's way. */
import { writeAtomically } from "../../src/files/output.ts";

const [path, letter] = process.argv.slice(2) as [string, string];
for (let i = 0; i < 20; i++) {
  writeAtomically(path, (write) => {
    for (let piece = 0; piece < 16; piece++) write(Buffer.alloc(2 ** 16, letter));
  });
}
process.disconnect?.();
