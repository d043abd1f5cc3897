import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { InputFile } from "../../src/files/input.ts";
import { Mapping, SPAN } from "../../src/files/mapping.ts";
import type { MapCalls } from "../../src/files/io.ts";
import { mapCalls } from "../../src/files/mmap.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { mappable } from "../support/mapping.ts";

const { EAGAIN, EFAULT, EINVAL, EIO, ENOMEM } = constants.errno;
const POPULATE = 22;
const DATA = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 255);

function sample(): InputFile {
  const path = join(temporaryFolder(), "data");
  fs.writeFileSync(path, DATA);
  const file = new InputFile(path);
  onTestFinished(() => file.close());
  return file;
}

/** The system's calls, with the n-th populate failing `times` times; and the addresses that are mapped. */
function faulty(errno: number, n = 1, times = Infinity) {
  const real = mapCalls();
  const mapped = new Set<bigint>();
  let [populates, error] = [0, 0];
  const calls: MapCalls = {
    ...real,
    mmap(fd, bytes) {
      const address = real.mmap(fd, bytes) as bigint;
      mapped.add(address);
      return address;
    },
    madvise(address, bytes, advice) {
      if (advice !== POPULATE || ++populates < n || populates >= n + times) return real.madvise(address, bytes, advice);
      error = errno;
      return -1;
    },
    munmap(address, bytes) {
      mapped.delete(address);
      return real.munmap(address, bytes);
    },
    errno: () => error,
  };
  return { calls, mapped };
}

describe.skipIf(!mappable)("Mapping", () => {
  it("shows exactly the file's bytes, at every place", () => {
    const mapping = new Mapping(sample(), mapCalls());
    for (const [from, length] of [
      [0, 100_000],
      [99_999, 1],
      [4095, 2],
      [5, 0],
    ] as const) {
      // prettier-ignore
      mapping.populate(from, length);
      mapping.prefetch(from, length);
      expect(Buffer.compare(mapping.bytes(from, length), DATA.subarray(from, from + length))).toBe(0);
      mapping.release(from, length);
    }
    mapping.populate(0, 10);
    expect(mapping.bytes(0, 10)).toEqual(DATA.subarray(0, 10));
    mapping.close();
  });

  it.each<[string, unknown]>([
    ["2^64 - 1, which is MAP_FAILED", 2n ** 64n - 1n],
    ["null", null],
    ["0", 0n],
    ["a number", 4096],
  ])("R12: takes %s for a failure, and makes no view of it", (_, address) => {
    const calls: MapCalls = {
      ...mapCalls(),
      mmap: () => address,
      errno: () => ENOMEM,
      view: () => expect.unreachable(),
      madvise: () => expect.unreachable(),
    };
    const file = sample();
    const error = failure(() => new Mapping(file, calls));
    expect(error.message).toBe(
      `${file.path}: expected a file that can be mapped, got ENOMEM. Read it instead: --io=pread.`,
    );
    expect(error.code).toBe("E_IO_MAP");
  });

  it("refuses a system that cannot read pages in with a report, and leaves nothing mapped", () => {
    const { calls, mapped } = faulty(EINVAL);
    const error = failure(() => new Mapping(sample(), calls));
    expect([error.code, error.actual, mapped.size]).toEqual(["E_IO_MAP", "EINVAL", 0]);
  });

  it("refuses a file that changed since it was opened, before it is mapped", () => {
    const file = sample();
    fs.truncateSync(file.path, 10);
    const calls = { ...mapCalls(), mmap: () => expect.unreachable() };
    expect(failure(() => new Mapping(file, calls)).code).toBe("E_IO_CHANGED");
  });

  it("R1: the real call reports a page past the end of a file cut short, which is E_IO_CHANGED", () => {
    const file = sample();
    const mapping = new Mapping(file, mapCalls());
    fs.truncateSync(file.path, 10);
    expect(failure(() => mapping.populate(50_000, 10)).code).toBe("E_IO_CHANGED");
  });

  it("R8: a page that cannot be read although the file is as it was is E_IO_READ", () => {
    for (const [errno, name] of [
      [EFAULT, "EFAULT"],
      [EIO, "EIO"],
    ] as const) {
      // prettier-ignore
      const mapping = new Mapping(sample(), faulty(errno, 2).calls);
      const error = failure(() => mapping.populate(500, 10));
      expect([error.code, error.actual, error.offset]).toEqual(["E_IO_READ", name, 500]);
    }
  });

  it("R10: tries again three times where the system says so, and then gives up", () => {
    const mapping = (times: number) => new Mapping(sample(), faulty(EAGAIN, 2, times).calls);
    mapping(3).populate(0, 10);
    expect(failure(() => mapping(4).populate(0, 10)).code).toBe("E_IO_READ");
  });

  it.each([
    [-1, 1],
    [0, 100_001],
    [100_000, 1],
    [0.5, 1],
    [0, NaN],
    [2 ** 53, 1],
  ])("R11: asks the system for nothing outside the file: %d and %d", (from, length) => {
    const mapping = new Mapping(sample(), mapCalls());
    for (const use of ["bytes", "populate", "prefetch", "release"] as const) {
      expect(failure(() => void mapping[use](from, length)).code).toBe("E_INTERNAL");
    }
  });

  it("takes views of at most 2^32 bytes, each window within one, also in a file of more", () => {
    const file = sample();
    const large = 5 * 2 ** 30;
    const file5 = { path: file.path, descriptor: file.descriptor, bytes: large, checkUnchanged: () => undefined };
    const taken: [at: bigint, bytes: number][] = [];
    const base = 2n ** 40n;
    const calls: MapCalls = {
      pageSize: 4096,
      mmap: () => base,
      madvise: () => 0,
      madviseLater: () => undefined,
      munmap: () => 0,
      errno: () => 0,
      view(address, bytes) {
        taken.push([address - base, bytes]);
        return { byteLength: bytes } as ArrayBuffer; // no memory behind it
      },
    };
    const mapping = new Mapping(file5 as unknown as InputFile, calls);
    for (const from of [0, 2 ** 30, SPAN - 1, SPAN, large - 1]) {
      mapping.bytes(from, 1);
    }
    expect(taken).toEqual([
      [0n, 2 ** 32],
      [2n ** 31n, 3 * 2 ** 30],
      [2n ** 32n, 2 ** 30],
    ]);
    expect(failure(() => mapping.bytes(0, SPAN + 1)).code).toBe("E_LIMIT_WINDOW");
  });

  it("is closed once, and shows nothing after that", () => {
    const { calls, mapped } = faulty(0, Infinity);
    const mapping = new Mapping(sample(), calls);
    const kept = mapping.bytes(0, 10);
    mapping.close();
    mapping.close();
    expect(failure(() => mapping.bytes(0, 1)).code).toBe("E_IO_CLOSED");
    // Where a view can be taken back it is, and the addresses with it; elsewhere both stay.
    expect([kept.length, mapped.size]).toEqual("transfer" in ArrayBuffer.prototype ? [0, 0] : [10, 1]);
  });

  it("gives back the addresses at once where no view was taken", () => {
    const { calls, mapped } = faulty(0, Infinity);
    new Mapping(sample(), calls).close();
    expect(mapped.size).toBe(0);
  });

  it("R14: a mapped page is not written: the process ends rather than change the file", async () => {
    const file = sample();
    const script = `
      import { InputFile } from "./src/files/input.ts";
      import { Mapping } from "./src/files/mapping.ts";
      import { mapCalls } from "./src/files/mmap.ts";
      new Mapping(new InputFile(process.argv[1]), mapCalls()).bytes(0, 10)[0] = 1;`;
    const ran = promisify(execFile)(process.execPath, [
      "--import",
      "tsx",
      "--input-type=module",
      "-e",
      script,
      file.path,
    ]);
    await expect(ran).rejects.toMatchObject({ signal: "SIGSEGV" }); // prettier-ignore
    expect(file.read(0, 10)).toEqual(DATA.subarray(0, 10));
  });
});
