/** The files to be written, before and after the weights. */
import { io } from "../files/io.ts";
import type { OutputFile } from "./target.ts";
import { writeAt } from "./work.ts";

/** Makes a file of its final length, with what is known of it. */
export function begin(path: string, { bytes, known }: OutputFile): void {
  const fd = io().openSync(path, "wx", 0o644);
  try {
    writeAt(fd, Uint8Array.of(0), bytes - 1);
    for (const part of known) writeAt(fd, part.bytes, part.at);
  } finally {
    io().closeSync(fd);
  }
}

/** Puts a file on the disk. */
export function sync(path: string): void {
  const fd = io().openSync(path, "r+");
  try {
    io().fsyncSync(fd);
  } finally {
    io().closeSync(fd);
  }
}
