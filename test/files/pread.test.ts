import fc from "fast-check";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IoError, UsageError } from "../../src/errors.ts";
import { InputFile } from "../../src/files/input.ts";
import type { Io } from "../../src/files/io.ts";
import { type PreadOptions, PreadSource } from "../../src/files/pread.ts";
import { readSafetensorsHeader } from "../../src/files/safetensors.ts";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

const BYTES = { a: 100, b: 37, c: 1000, d: 0 };
const data = (name: keyof typeof BYTES) => Uint8Array.from({ length: BYTES[name] }, (_, i) => (name.charCodeAt(0) + 3 * i) & 255); // prettier-ignore
const names = Object.keys(BYTES) as (keyof typeof BYTES)[];

/** A source over one file with the tensors above, and the calls of read it makes. */
function open(options?: PreadOptions) {
  const path = join(temporaryFolder(), "model.safetensors");
  const tensors = names.map((name) => [name, { dtype: "U8", shape: [BYTES[name]], bytes: data(name) }] as const);
  writeSafetensors(path, new Map(tensors));
  const reads: number[] = [];
  const readSync: Io["readSync"] = (fd, into, at, length, position) => {
    reads.push(length);
    return fs.readSync(fd, into, at, length, position);
  };
  const file = new InputFile(path, path, { ...fs, readSync });
  const source = new PreadSource([file], readSafetensorsHeader(file).tensors, options);
  reads.length = 0;
  const info = (name: string) => source.tensors.get(name)!;
  source.expect({ walked: ["a", "c"].map(info), used: [info("b")] });
  return { path, source, reads, info };
}

it("what others keep is not read ahead: each window is read when it is asked for, and no more", () => {
  const { source, reads, info } = open({ ahead: { slots: 2, bytes: 64 } });
  source.elsewhere = 2000;
  source.expect({ walked: ["a", "c"].map(info), used: [info("b")] });
  for (const from of [0, 50])
    source.window(info("c"), from, 50, (bytes) => expect(bytes).toEqual(data("c").slice(from, from + 50)));
  expect(reads).toEqual([50, 50]);
  source.elsewhere = 0;
  source.expect({ walked: ["a", "c"].map(info), used: [] });
  reads.length = 0;
  source.window(info("a"), 0, 10, (bytes) => expect(bytes).toEqual(data("a").slice(0, 10)));
  expect(reads).not.toEqual([10]); // a whole slot, here or in the thread
  source.close();
});

describe.each([0, 150, 1e6])("PreadSource that may keep %d bytes", (pin) => {
  it("lends exactly the bytes of every window", () => {
    const { source, info } = open({ pin });
    const window = fc
      .constantFrom(...names)
      .chain((name) => fc.tuple(fc.constant(name), fc.nat(BYTES[name]), fc.nat(BYTES[name])));
    fc.assert(
      fc.property(window, ([name, x, y]) => {
        const [from, to] = [Math.min(x, y), Math.max(x, y)];
        source.window(info(name), from, to - from, (bytes) => expect(bytes).toEqual(data(name).slice(from, to)));
      }),
    );
    source.close();
  });

  it("lends windows inside windows, each with its own bytes", () => {
    const { source, info } = open({ pin });
    const result = source.window(info("a"), 0, 100, (a) =>
      source.window(info("b"), 1, 36, (b) => {
        for (const from of [0, 900]) {
          source.window(info("c"), from, 100, (c) => expect(c).toEqual(data("c").slice(from, from + 100)));
        }
        expect(b).toEqual(data("b").slice(1));
        expect(a).toEqual(data("a"));
        return "through";
      }),
    );
    expect(result).toBe("through");
  });

  it("is as before after a window whose use threw", () => {
    const { source, info } = open({ pin });
    const fail = () => {
      throw new Error("use");
    };
    expect(() => source.window(info("a"), 0, 10, fail)).toThrow("use");
    source.window(info("a"), 0, 10, (bytes) => expect(bytes).toEqual(data("a").slice(0, 10)));
    source.close();
  });

  it("refuses windows after it is closed, closes twice, and refuses to close inside a window", () => {
    const { source, info } = open({ pin });
    const error = failure(() => source.window(info("a"), 0, 1, () => source.close()));
    expect([error.code, error.actual]).toEqual(["E_INTERNAL", "1"]);
    source.close();
    source.close();
    expect(failure(() => source.window(info("a"), 0, 1, () => 0)).code).toBe("E_IO_CLOSED");
  });

  it("R3: sees that its file was written over, before it lends the new bytes", () => {
    const { path, source, info } = open({ pin });
    source.window(info("b"), 0, 1, () => 0);
    fs.utimesSync(path, 1, 1);
    const error = failure(() => source.window(info("c"), 0, 1, () => expect.unreachable()));
    expect([error.code, error instanceof IoError]).toEqual(["E_IO_CHANGED", true]);
  });

  it("R1: ends with an error where its file is cut short", () => {
    const { path, source, info } = open({ pin });
    fs.truncateSync(path, fs.statSync(path).size - 1);
    const last = [...source.tensors.values()].reduce((x, y) => (y.offset + y.bytes > x.offset + x.bytes ? y : x));
    expect(failure(() => source.window(last, 0, last.bytes, () => 0)).code).toBe("E_IO_EOF");
    expect(failure(() => source.window(info("a"), 0, 1, () => 0)).code).toBe("E_IO_CHANGED");
  });

  it.each([
    [-1, 1],
    [0, -1],
    [0, 101],
    [100, 1],
    [0.5, 1],
    [0, NaN],
    [2 ** 53, 1],
  ])("refuses the window of %d and %d", (from, length) => {
    const { source, info } = open({ pin });
    const error = failure(() => source.window(info("a"), from, length, () => 0));
    expect([error.code, error instanceof UsageError]).toEqual(["E_ARG_WINDOW", true]);
  });

  it("refuses a tensor of another file", () => {
    const { source, info } = open({ pin });
    expect(failure(() => source.window({ ...info("a"), path: "other" }, 0, 1, () => 0)).code).toBe("E_ARG_WINDOW");
  });
});

describe("PreadSource", () => {
  it("reads a window whenever it is asked, unless tensors may be kept", () => {
    const { source, reads, info } = open();
    for (let i = 0; i < 3; i++) source.window(info("a"), 10, 5, () => 0);
    expect(reads).toEqual([5, 5, 5]);
  });

  it.each([
    [137, [100, 2, 37, 2]],
    [136, [100, 2, 2, 2, 2]],
  ])("keeps whole tensors of its course, the walked ones first, as long as they fit into %d bytes", (pin, expected) => {
    const { source, reads, info } = open({ pin });
    for (const name of ["a", "c", "b", "a", "c", "b"]) source.window(info(name), 1, 2, () => 0);
    expect(reads).toEqual(expected);
  });

  it("lends windows that begin at a multiple of 8 bytes in memory, wherever they lie in the file", () => {
    const { source, info } = open();
    source.window(info("a"), 1, 8, (outer) => {
      expect(outer.byteOffset % 8).toBe(0);
      source.window(info("b"), 3, 8, (inner) => expect(inner.byteOffset % 8).toBe(0));
    });
  });
});
