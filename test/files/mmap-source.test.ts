import fc from "fast-check";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputFile } from "../../src/files/input.ts";
import type { MapCalls } from "../../src/files/io.ts";
import { mapCalls } from "../../src/files/mmap.ts";
import { MmapSource } from "../../src/files/mmap-source.ts";
import { PreadSource } from "../../src/files/pread.ts";
import { readSafetensorsHeader } from "../../src/files/safetensors.ts";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { drawn } from "../support/checkpoints.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { mappable } from "../support/mapping.ts";

const BYTES = { a: 100, b: 37, c: 300_000, d: 0, e: 9_000_001 };
type Name = keyof typeof BYTES;
const names = Object.keys(BYTES) as Name[];
const data = Object.fromEntries(
  names.map((name, i) => [name, new Uint8Array(drawn(Math.ceil(BYTES[name] / 4), i).buffer).slice(0, BYTES[name])]),
) as Record<Name, Uint8Array>;

function sample(): string {
  const path = join(temporaryFolder(), "model.safetensors");
  writeSafetensors(
    path,
    new Map(names.map((name) => [name, { dtype: "U8", shape: [BYTES[name]], bytes: data[name] }])),
  );
  return path;
}

/** A source over a file with the tensors above, and what it asks of the system. */
function open(pin = 0) {
  const path = sample();
  const advised: [advice: number, from: bigint, bytes: number][] = [];
  const later: [advice: number, from: bigint, bytes: number][] = [];
  let [base, unmapped] = [0n, 0];
  const real = mapCalls();
  const calls: MapCalls = {
    ...real,
    mmap: (fd, bytes) => (base = real.mmap(fd, bytes) as bigint),
    madvise(address, bytes, advice) {
      advised.push([advice, address - base, bytes]);
      return real.madvise(address, bytes, advice);
    },
    madviseLater(address, bytes, advice) {
      later.push([advice, address - base, bytes]);
      real.madviseLater(address, bytes, advice);
    },
    munmap: (address, bytes) => (unmapped++, real.munmap(address, bytes)),
  };
  const file = new InputFile(path);
  const { tensors } = readSafetensorsHeader(file);
  const source = new MmapSource([file], tensors, { pin }, calls);
  advised.length = 0;
  const info = (name: Name) => source.tensors.get(name)!;
  source.expect({ walked: (["a", "c", "b", "e"] as const).map(info), used: [] });
  return { path, source, info, advised, later, unmapped: () => unmapped };
}

/** What a source does with one tensor, from its beginning to its end. */
function walk({ source, info }: ReturnType<typeof open>, name: Name, step: number) {
  for (let from = 0; from < BYTES[name]; from += step) {
    source.window(info(name), from, Math.min(step, BYTES[name] - from), () => 0);
  }
}

describe.skipIf(!mappable).each([0, 400_000, 1e9])("MmapSource that may keep %d bytes", (pin) => {
  it("lends the bytes that PreadSource lends, in every window", () => {
    const { path, source, info } = open(pin);
    const file = new InputFile(path);
    const pread = new PreadSource([file], readSafetensorsHeader(file).tensors, { pin });
    const window = fc.constantFrom(...names).chain((name) => {
      const place = fc.nat(BYTES[name]);
      return fc.tuple(fc.constant(name), place, place);
    });
    fc.assert(
      fc.property(window, ([name, x, y]) => {
        const [from, to] = [Math.min(x, y), Math.min(Math.max(x, y), Math.min(x, y) + 100_000)];
        pread.window(info(name), from, to - from, (read) =>
          source.window(info(name), from, to - from, (mapped) => {
            expect(mapped.byteOffset % 4).toBe(0);
            expect(Buffer.compare(mapped, read)).toBe(0);
            expect(Buffer.compare(mapped, data[name].subarray(from, to))).toBe(0);
          }),
        );
      }),
    );
    source.close();
    pread.close();
  });

  it("lends windows inside windows, each with its own bytes", () => {
    const { source, info } = open(pin);
    const result = source.window(info("a"), 0, 100, (a) =>
      source.window(info("b"), 1, 36, (b) => {
        source.window(info("c"), 900, 100, (c) => expect(c).toEqual(data.c.slice(900, 1000)));
        expect(b).toEqual(data.b.slice(1));
        expect(a).toEqual(data.a);
        return "through";
      }),
    );
    expect(result).toBe("through");
  });

  it("is as before after a window whose use threw", () => {
    const { source, info } = open(pin);
    const fail = () => {
      throw new Error("use");
    };
    expect(() => source.window(info("a"), 0, 10, fail)).toThrow("use");
    source.window(info("a"), 0, 10, (bytes) => expect(bytes).toEqual(data.a.slice(0, 10)));
    source.close();
  });

  it("R13: refuses windows after it is closed, closes twice, and refuses to close inside a window", () => {
    const { source, info, unmapped } = open(pin);
    const error = failure(() => source.window(info("a"), 0, 1, () => source.close()));
    expect([error.code, error.actual, unmapped()]).toEqual(["E_INTERNAL", "1", 0]);
    source.close();
    source.close();
    expect(unmapped()).toBe("transfer" in ArrayBuffer.prototype ? 1 : 0);
    expect(failure(() => source.window(info("a"), 0, 1, () => 0)).code).toBe("E_IO_CLOSED");
  });

  it("R1: a file cut short is E_IO_CHANGED at the next window, and no signal", () => {
    const { path, source, info } = open(pin);
    walk({ source, info } as ReturnType<typeof open>, "c", 1000);
    fs.truncateSync(path, 4096);
    const error = failure(() => source.window(info("c"), 0, 1, () => expect.unreachable()));
    expect([error.code, error.actual]).toEqual(["E_IO_CHANGED", "4096"]);
    source.close();
  });

  it("R2: so is one that lost its last byte, which a mapping shows as zero", () => {
    const { path, source, info } = open(pin);
    fs.truncateSync(path, fs.statSync(path).size - 1);
    expect(failure(() => source.window(info("e"), 0, 1, () => expect.unreachable())).code).toBe("E_IO_CHANGED");
  });

  it.each<[string, (path: string) => void]>([
    ["R3: written over", (path) => {
      fs.utimesSync(path, 1, 1);
    }],
    ["R4: written over, and its time put back", (path) => {
      const { atime, mtime } = fs.statSync(path);
      const fd = fs.openSync(path, "r+");
      fs.writeSync(fd, "x", 9000);
      fs.closeSync(fd);
      fs.utimesSync(path, atime, mtime);
    }],
  ])("%s before a window or during it, it is E_IO_CHANGED", (_, change) => {
    const before = open(pin);
    before.source.window(before.info("c"), 0, 1, () => 0);
    change(before.path);
    const error = failure(() => before.source.window(before.info("c"), 0, 1, () => expect.unreachable()));
    const during = open(pin);
    const late = failure(() => during.source.window(during.info("c"), 0, BYTES.c, () => change(during.path)));
    expect([error.code, late.code]).toEqual(["E_IO_CHANGED", "E_IO_CHANGED"]);
  }); // prettier-ignore

  it("R7: lends on from a file that was deleted or replaced under its name", () => {
    const { path, source, info } = open(pin);
    fs.writeFileSync(`${path}2`, "other");
    fs.renameSync(`${path}2`, path);
    source.window(info("c"), 0, 1000, (bytes) => expect(bytes).toEqual(data.c.slice(0, 1000)));
    fs.rmSync(path);
    source.window(info("c"), 1000, 1000, (bytes) => expect(bytes).toEqual(data.c.slice(1000, 2000)));
    source.close();
  });

  it.each([
    [-1, 1],
    [0, 101],
    [0.5, 1],
    [0, NaN],
    [2 ** 53, 1],
  ])("refuses the window of %d and %d", (from, length) => {
    const { source, info } = open(pin);
    expect(failure(() => source.window(info("a"), from, length, () => 0)).code).toBe("E_ARG_WINDOW");
    expect(failure(() => source.window({ ...info("a"), path: "x" }, 0, 1, () => 0)).code).toBe("E_ARG_WINDOW");
  });
});

describe.skipIf(!mappable)("MmapSource", () => {
  const [DONTNEED, POPULATE] = [4, 22];
  const sum = (advised: readonly (readonly [number, bigint, number])[], advice: number) =>
    advised.filter(([which]) => which === advice).reduce((total, [, , bytes]) => total + bytes, 0);

  it("reads each window in before it lends it, has other threads read a walked tensor in once, and gives its pages back", () => {
    const source = open();
    walk(source, "e", 1 << 20);
    const pages = 4096 * 2;
    expect(sum(source.advised, POPULATE)).toBeGreaterThanOrEqual(BYTES.e);
    expect(sum(source.later, POPULATE)).toBeGreaterThanOrEqual(BYTES.e - (1 << 20));
    expect(sum(source.later, POPULATE)).toBeLessThan(BYTES.e + BYTES.a + 2 * pages);
    expect(sum(source.advised, DONTNEED)).toBeGreaterThan(BYTES.e - 4 * pages);
    expect(sum(source.advised, DONTNEED)).toBeLessThanOrEqual(BYTES.e);
  });

  it.each([
    ["c", "b"],
    ["e", "a"],
  ] as const)("has the tensor after %s in the course, %s, read in at the end of it", (name, next) => {
    const source = open();
    walk(source, name, 1e6);
    const { offset } = source.info(next);
    const asked = source.later.map(([, from]) => from);
    expect(asked).toContain(BigInt(offset - (offset % 4096)));
  });

  it("gives nothing of a tensor back that it keeps", () => {
    const source = open(1e9);
    walk(source, "e", 1 << 20);
    walk(source, "c", 1000);
    expect(sum(source.advised, DONTNEED)).toBe(0);
  });

  it("reads a single row without asking for what follows", () => {
    const source = open();
    source.source.window(source.info("e"), 1_000_000, 5000, () => 0);
    expect(source.later).toEqual([]);
    expect(sum(source.advised, POPULATE)).toBeLessThan(3 * 4096);
  });
});
