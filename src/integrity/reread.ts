/** Reading a file a second time from the disk itself, past what the system keeps of it in memory. */
import { createHash } from "node:crypto";
import { errorCode } from "../files/input.ts";
import { FLAG, io } from "../files/io.ts";

/** Node's, which its types do not declare. */
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

const PAGES = 16;

/**
 * The file's sha256 as the disk has it now; undefined where the system cannot read past its own memory (other systems
 * than Linux, some filesystems) or the read fails.
 *
 * numbers  O_DIRECT wants memory that begins at a multiple of the disk's blocks: WebAssembly's begins at a page's
 */
export function rereadSha256(path: string): string | undefined {
  if (FLAG.direct === undefined) return undefined;
  const { buffer } = new WebAssembly.Memory({ initial: PAGES });
  const bytes = new Uint8Array(buffer);
  const hash = createHash("sha256");
  try {
    const fd = io().openSync(path, FLAG.read | FLAG.noWait | FLAG.direct);
    try {
      for (let at = 0; ;) {
        const count = io().readSync(fd, bytes, 0, bytes.length, at);
        if (count === 0) return hash.digest("hex");
        hash.update(bytes.subarray(0, count));
        at += count;
      }
    } finally {
      io().closeSync(fd);
    }
  } catch (error) {
    if (errorCode(error) !== undefined) return undefined;
    throw error;
  }
}
