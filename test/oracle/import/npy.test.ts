import { describe, expect, it } from "vitest";
import { readNpy } from "../../../src/oracle/import/npy.ts";
import { readZip } from "../../../src/oracle/import/zip.ts";
import { failure } from "../../support/folder.ts";
import { npy, zip } from "../../support/npz.ts";

describe("readNpy", () => {
  it.each([
    ["<f4", [1.5, -2, 0.25, 8]],
    ["<f8", [1.5, -2, 0.25, 8]],
    ["<i8", [1, -2, 3, 4]],
  ])("reads %s", (descr, values) => {
    expect(readNpy(npy([2, 2], values, descr), "x")).toEqual({ shape: [2, 2], data: Float32Array.from(values) });
  });

  it("reads float16, and arrays whose first axis is innermost", () => {
    expect([...readNpy(npy([2], [0x3c00, 0xc000], "<f2"), "x").data]).toEqual([1, -2]);
    // [[1 2 3] [4 5 6]] in Fortran's order
    expect([...readNpy(npy([2, 3], [1, 4, 2, 5, 3, 6], "<f4", true), "x").data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(readNpy(npy([], [7]), "x")).toEqual({ shape: [], data: Float32Array.of(7) });
  });

  it.each<[string, () => Uint8Array]>([
    ["E_NPY_MAGIC", () => Buffer.from("NUMPY")],
    ["E_NPY_HEADER", () => npy([2], [1, 2]).subarray(0, 40)],
    ["E_NPY_HEADER", () => npy([2], [1, 2], ">f4")],
    ["E_NPY_HEADER", () => npy([2], [1, 2], "<c8")],
    ["E_NPY_LENGTH", () => npy([3], [1, 2])],
    ["E_NPY_LENGTH", () => npy([2], [1, 2]).subarray(0, -1)],
    ["E_LIMIT_NPY", () => npy([2 ** 31, 2 ** 20], [1])],
  ])("refuses with %s", (code, bytes) => expect(failure(() => readNpy(bytes(), "x")).code).toBe(code));
});

describe("readZip", () => {
  it("gives stored and deflated members", () => {
    const members = { "a.npy": Buffer.from("alpha"), "b.npy": Buffer.alloc(5000, 7), c: Buffer.alloc(0) };
    const found = readZip(zip(members), "x");
    expect([...found.keys()]).toEqual(Object.keys(members));
    for (const [name, bytes] of Object.entries(members))
      expect(Buffer.from(found.get(name)!).equals(bytes), name).toBe(true);
  });

  it("refuses an archive cut anywhere, and one whose data were damaged", () => {
    const whole = zip({ a: Buffer.alloc(100, 1), b: Buffer.alloc(100, 2) });
    for (let length = 0; length < whole.length; length++) {
      expect(failure(() => readZip(whole.subarray(0, length), "x")).code).toBe("E_ZIP");
    }
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 30 + 1 + 100 + 30 + 1, 30 + 1 + 100 + 30 + 1 + 3);
    expect(failure(() => readZip(damaged, "x")).code).toBe("E_ZIP");
  });
});
