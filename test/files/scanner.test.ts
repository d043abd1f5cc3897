import { describe, expect, it } from "vitest";
import { canScan, type Rule, Scanner } from "../../src/files/scanner.ts";
import type { TensorInfo } from "../../src/files/source.ts";
import { BOUNDS } from "../../src/quant/bounds.ts";
import type { Format } from "../../src/quant/format.ts";
import { FORMATS } from "../../src/quant/index.ts";

const infoOf = (format: string, shape: readonly number[], bytes: number): TensorInfo => ({
  name: "W",
  format,
  shape,
  path: "m",
  offset: 0,
  bytes,
});

/** Bytes by a fixed rule; every `hole`-th block of so many bytes is zeros. */
function bytesOf(length: number, block: number, seed: number, hole: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(i / block) % hole === 0 ? 0 : state >>> 24;
  });
}

/** The plain way: everything widened, then looked at. */
function plainly(format: Format, rows: number, columns: number, bytes: Uint8Array) {
  const values = new Float32Array(rows * columns);
  format.widen(bytes, 0, values.length / format.block, values, 0);
  const at = values.findIndex((value) => !Number.isFinite(value));
  const each = Array.from({ length: rows }, (_, r) => values.subarray(r * columns, (r + 1) * columns));
  return {
    nonFinite:
      at < 0 ? undefined : { tensor: "W", row: Math.floor(at / columns), column: at % columns, value: values[at]! },
    rows,
    zeroRows: each.filter((row) => row.every((value) => value === 0)).length,
    equalRows: each.filter((row) => row[0] !== 0 && row.every((value) => Object.is(value, row[0]))).length,
    largest: values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0),
  };
}

describe.each([...FORMATS.values()])("$name", (format) => {
  const [rows, columns] = [24, 512];
  const rowBytes = (columns / format.block) * format.bytes;
  const length = rows * rowBytes;
  const scan = (bytes: Uint8Array, piece = length) => {
    const scanner = new Scanner(infoOf(format.name, [rows, columns], length));
    for (let at = 0; at < length; at += piece) scanner.feed(bytes.subarray(at, Math.min(length, at + piece)));
    return scanner.end();
  };

  it("tells of any bytes, NaN and infinities among them, what widening every value tells", () => {
    for (const [seed, hole] of [
      [1, 1e9],
      [2, 2],
      [3, 3],
      [4, 1],
      [5, 7],
    ] as const) {
      // prettier-ignore
      const bytes = bytesOf(length, rowBytes, seed, hole);
      expect(scan(bytes)).toMatchObject(plainly(format, rows, columns, bytes));
    }
  });

  it("tells of finite bytes the largest value exactly", () => {
    // Without the two highest bits of any byte, no half and no float is NaN or an infinity.
    for (let seed = 1; seed < 9; seed++) {
      const bytes = bytesOf(length, format.bytes, seed, 5).map((byte) => byte & 0x3f);
      expect(scan(bytes)).toMatchObject({ ...plainly(format, rows, columns, bytes), nonFinite: undefined });
    }
  });

  it("tells the same in whatever pieces the bytes come, at odd addresses too", () => {
    const bytes = bytesOf(length, rowBytes, 6, 4);
    const shifted = new Uint8Array(length + 1);
    shifted.set(bytes, 1);
    for (const piece of [format.bytes, 3 * format.bytes, 7 * rowBytes]) {
      expect(scan(shifted.subarray(1), piece)).toEqual(scan(bytes));
    }
  });
});

it("BOUNDS holds every format that has blocks, and no block passes its bound", () => {
  const inBlocks = [...FORMATS.values()].filter(({ block }) => block > 1);
  expect([...BOUNDS.keys()].sort()).toEqual(inBlocks.map(({ name }) => name).sort());
  for (const format of inBlocks) {
    const values = new Float32Array(format.block);
    for (let seed = 1; seed < 300; seed++) {
      const bytes = bytesOf(format.bytes, format.bytes, seed, 1e9);
      format.widen(bytes, 0, 1, values, 0);
      const bound = BOUNDS.get(format.name)!(bytes, 0);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(Number.isFinite(bound) ? largest <= Math.fround(bound) : true, `${format.name}, ${seed}`).toBe(true);
      expect(values.every(Number.isFinite), `${format.name}, ${seed}`).toBe(Number.isFinite(bound));
    }
  }
});

it("M8: counts rows of one value in matrices, not in gains", () => {
  const scan = (shape: number[], values: number[]) => {
    const scanner = new Scanner(infoOf("F32", shape, 4 * values.length));
    scanner.feed(new Uint8Array(Float32Array.from(values).buffer));
    return scanner.end();
  };
  expect(scan([2, 3], [5, 5, 5, 5, 5, 6])).toMatchObject({ equalRows: 1, zeroRows: 0, rows: 2 });
  expect(scan([3], [1, 1, 1])).toMatchObject({ equalRows: 0, rows: 1 });
});

it.each<[string, Rule, string, ArrayBufferView, string | undefined]>([
  ["scales", { kind: "scales", zero: false }, "F32", Float32Array.of(1, 2 ** -126), undefined],
  ["a scale of 0", { kind: "scales", zero: false }, "F32", Float32Array.of(1, 0), "E_Q_SCALE: 0 at 1"],
  ["a scale of 0 where that is a row of zeros", { kind: "scales", zero: true }, "F32", Float32Array.of(0), undefined],
  ["a negative scale", { kind: "scales", zero: true }, "F32", Float32Array.of(-1), "E_Q_SCALE: -1 at 0"],
  ["NaN as a scale", { kind: "scales", zero: true }, "F32", Float32Array.of(1, NaN), "E_Q_SCALE: NaN at 1"],
  ["-127", { kind: "symmetric" }, "I8", Int8Array.of(127, -127), undefined],
  ["-128", { kind: "symmetric" }, "I8", Int8Array.of(0, -128), "E_Q_RANGE: -128 at 1"],
  ["-128 where all occur", { kind: "integers" }, "I8", Int8Array.of(0, -128), undefined],
  ["groups", { kind: "groups", groups: 3 }, "I32", Int32Array.of(2, 0), undefined],
  ["a group too many", { kind: "groups", groups: 3 }, "I32", Int32Array.of(2, 3), "E_Q_RANGE: 3 at 1"],
  ["a negative group", { kind: "groups", groups: 3 }, "I32", Int32Array.of(-1), "E_Q_RANGE: -1 at 0"],
  ["zero points", { kind: "gptq-zeros", bits: 4 }, "I32", Int32Array.of(0x7777_7777, 0x0ee0_e00e), undefined],
  ["a zero point that wraps", { kind: "gptq-zeros", bits: 4 }, "I32", Int32Array.of(0, 0x0f00), "E_Q_RANGE: 15 at 1"],
  ["8 bits of them", { kind: "gptq-zeros", bits: 8 }, "I32", Int32Array.of(0x0ff0, 0xff00), "E_Q_RANGE: 255 at 1"],
])("M9, M10: %s", (_, rule, format, { buffer, byteLength }, expected) => {
  const scanner = new Scanner(infoOf(format, [byteLength / (format === "I8" ? 1 : 4)], byteLength), rule);
  scanner.feed(new Uint8Array(buffer));
  const { fault } = scanner.end();
  expect(fault && `${fault.code}: ${fault.actual}`).toBe(expected);
});

it("places of faults count from the tensor's beginning, whatever the pieces", () => {
  const scanner = new Scanner(infoOf("I32", [4], 16), { kind: "groups", groups: 1 });
  const bytes = new Uint8Array(Int32Array.of(0, 0, 0, 9).buffer);
  for (let at = 0; at < 16; at += 4) scanner.feed(bytes.slice(at, at + 4));
  expect(scanner.end().fault?.actual).toBe("9 at 3");
});

it("knows which number formats it can tell of", () => {
  expect(["F32", "Q6_K", "I32"].map((format) => canScan(infoOf(format, [256], 0)))).toEqual([true, true, true]);
  expect(["F64", "IQ2_XXS"].map((format) => canScan(infoOf(format, [256], 0)))).toEqual([false, false]);
  expect(canScan(infoOf("Q6_K", [32], 0))).toBe(false);
});
