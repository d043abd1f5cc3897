import * as fs from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { InputFile } from "../../src/files/input.ts";
import type { MapCalls } from "../../src/files/io.ts";
import { impossible, mapCalls } from "../../src/files/mmap.ts";
import { openSource, type Opened, type SourceOptions } from "../../src/files/open-source.ts";
import type { TensorInfo } from "../../src/files/source.ts";
import { forward } from "../../src/model.ts";
import { reference } from "../../src/reference/index.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { mappable } from "../support/mapping.ts";
import { TINY } from "../support/cli.ts";

const LEAST = 1 << 26;

/** A file of so many bytes as one tensor, opened. */
function opened(bytes: number, options: SourceOptions, calls?: () => MapCalls): Opened & { file: InputFile } {
  const path = join(temporaryFolder(), "model");
  fs.writeFileSync(path, Uint8Array.from({ length: 1000 }, (_, i) => i & 255).subarray(0, bytes));
  fs.truncateSync(path, bytes);
  const file = new InputFile(path);
  const info: TensorInfo = { name: "t", format: "U8", shape: [bytes], path, offset: 0, bytes };
  return { ...openSource([file], [info], options, calls), file };
}

/** The first bytes of the tensor, which every way must lend. */
const start = ({ source }: Opened) => source.window(source.tensors.get("t")!, 250, 10, (bytes) => [...bytes]);
const BYTES = [250, 251, 252, 253, 254, 255, 0, 1, 2, 3];

const without = () => {
  throw impossible("no koffi");
};

/** The system's calls, of which mmap fails from the n-th on. */
const failing = (n: number): MapCalls => {
  let count = 0;
  const real = mapCalls();
  const fails = () => count >= n;
  return {
    ...real,
    mmap: (fd, bytes) => (++count, fails() ? 2n ** 64n - 1n : real.mmap(fd, bytes)),
    errno: () => (fails() ? constants.errno.ENOMEM : real.errno()),
  };
};

describe("openSource", () => {
  it("reads unless told", () => {
    const it = opened(LEAST, {}, () => expect.unreachable());
    expect([it.how, start(it)]).toEqual(["Weights are read.", BYTES]);
  });

  it("auto reads what is small, and says so", () => {
    const it = opened(LEAST - 1, { io: "auto" }, () => expect.unreachable());
    expect(it.how).toMatch(/^Weights are read, not mapped: (67108863 bytes are few|this is not Linux)\.$/);
    expect(start(it)).toEqual(BYTES);
  });

  it("R40: mmap without koffi is an error that says why, and leaves no file open; auto reads the same bytes", () => {
    const files: InputFile[] = [];
    const open = (io: "mmap" | "auto") => {
      const path = join(temporaryFolder(), "model");
      fs.writeFileSync(path, "bytes");
      files.push(new InputFile(path));
      return openSource(files.slice(-1), [], { io }, without);
    };
    const error = failure(() => open("mmap"));
    expect(error.message).toBe("mmap: expected files that can be mapped, got no koffi. Read them instead: --io=pread.");
    expect(failure(() => files[0]!.descriptor).code).toBe("E_IO_CLOSED");
    const auto = opened(LEAST, { io: "auto" }, without);
    expect(auto.how).toMatch(/^Weights are read, not mapped: (no koffi|this is not Linux)\.$/);
    expect(start(auto)).toEqual(BYTES);
  });
});

describe.skipIf(!mappable)("openSource where files can be mapped", () => {
  it("auto maps what is large enough, mmap maps what is not", () => {
    const [auto, mmap] = [opened(LEAST, { io: "auto" }), opened(1000, { io: "mmap" })];
    expect([auto.how, mmap.how]).toEqual(["Weights are mapped.", "Weights are mapped."]);
    expect([start(auto), start(mmap)]).toEqual([BYTES, BYTES]);
  });

  it("refuses to map a file of no bytes", () => {
    expect(failure(() => opened(0, { io: "mmap" })).code).toBe("E_ARG_IO");
  });

  it("where the system refuses, auto reads the same bytes and mmap is an error", () => {
    const auto = opened(LEAST, { io: "auto" }, () => failing(1));
    expect([auto.how, start(auto)]).toEqual(["Weights are read, not mapped: ENOMEM.", BYTES]);
    expect(failure(() => opened(LEAST, { io: "mmap" }, () => failing(1))).code).toBe("E_IO_MAP");
  });

  it("auto does not map files of a filesystem that may be another machine's", () => {
    // /proc is no local disk; its statfs type stands for any that is not in the table.
    const file = new InputFile("/proc/self/maps");
    const large = { path: "far/model", bytes: LEAST, descriptor: file.descriptor, warnings: [] };
    const { how } = openSource([large as unknown as InputFile], [], { io: "auto" }, () => expect.unreachable());
    expect(how).toBe("Weights are read, not mapped: far/model is not on a filesystem known to be local.");
    file.close();
  });

  it("a mapping that fails at the n-th file leaves none of the others mapped", () => {
    const path = join(temporaryFolder(), "model");
    fs.writeFileSync(path, "bytes");
    for (const n of [1, 2, 3]) {
      const real = failing(n);
      const mapped = new Set<unknown>();
      const calls: MapCalls = {
        ...real,
        mmap: (fd, bytes) => {
          const address = real.mmap(fd, bytes);
          if (address !== 2n ** 64n - 1n) mapped.add(address);
          return address;
        },
        munmap: (address, bytes) => (mapped.delete(address), real.munmap(address, bytes)),
      };
      const files = [1, 2, 3].map((i) => new InputFile(`part ${i}`, path));
      expect(failure(() => openSource(files, [], { io: "mmap" }, () => calls)).code).toBe("E_IO_MAP");
      expect(mapped.size).toBe(0);
    }
  });

  it("the embedded model's logits are the same, bit for bit, mapped and read", async () => {
    const logits = async (io: "mmap" | "pread", pin: number) => {
      const checkpoint = openCheckpoint(TINY, { io, pin });
      const ids = Uint32Array.of(1, 5, 9, 200);
      const { data } = await reference.download(
        forward(reference, checkpoint.weights, ids, reference.cache(checkpoint.config, 4)),
      );
      checkpoint.close();
      return Buffer.from(data.slice().buffer);
    };
    const read = await logits("pread", 0);
    for (const pin of [0, 200_000, 1e9]) expect(Buffer.compare(await logits("mmap", pin), read)).toBe(0);
  });
});
