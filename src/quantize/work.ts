/** Encoding runs of rows, one after another, until there are none left or it is time to stop. */
import { InputFile } from "../files/input.ts";
import { io } from "../files/io.ts";
import { PreadSource } from "../files/pread.ts";
import { readWeights } from "../files/weights.ts";
import { encodeRows } from "./encode.ts";
import { type Job, SLOT } from "./job.ts";

/** What is never read ahead: runs are handed out as threads come for them. */
const AHEAD = { slots: 1, bytes: Number.MAX_SAFE_INTEGER };

/** Takes runs until none is left. Throws as `encodeRows` does. */
export function work({ tensors, config, naming, packing, files, targets, runs, shared }: Job): void {
  const paths = [...new Set(tensors.map(({ path }) => path))];
  const source = new PreadSource(
    paths.map((path) => new InputFile(path)),
    tensors,
    { ahead: AHEAD },
  );
  const open = files.map((path) => io().openSync(path, "r+"));
  try {
    const weights = readWeights(source, config, naming, packing);
    while (Atomics.load(shared, SLOT.stop) === 0n) {
      const run = runs[Number(Atomics.add(shared, SLOT.next, 1n))];
      if (run === undefined) return;
      const target = targets[run.target]!;
      encodeRows(weights, target, run.first, run.count, (file, at, bytes) => writeAt(open[file]!, bytes, at));
      Atomics.add(shared, SLOT.values, BigInt(run.count * target.columns));
    }
  } finally {
    for (const fd of open) io().closeSync(fd);
    source.close();
  }
}

function writeAt(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += io().writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}
