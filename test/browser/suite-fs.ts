/** Node's fs for the suite in a worker: the library's own, and whole files at once. */
import { closeSync, fstatSync, openSync, readSync } from "../../src/browser/node/fs.ts";

export * from "../../src/browser/node/fs.ts";

export function readFileSync(path: string, encoding?: "utf8"): Uint8Array | string {
  const fd = openSync(path);
  const { size } = fstatSync(fd) as { readonly size: bigint };
  const bytes = new Uint8Array(Number(size));
  readSync(fd, bytes, 0, bytes.length, 0);
  closeSync(fd);
  return encoding === undefined ? bytes : new TextDecoder().decode(bytes);
}
