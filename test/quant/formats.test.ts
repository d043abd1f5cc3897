import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GGML_TYPES } from "../../src/files/ggml-types.ts";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { FORMATS } from "../../src/quant/index.ts";

const path = join(import.meta.dirname, "../../golden/quant/formats.safetensors");
const golden = parseSafetensors(readFileSync(path), path);
const bytesOf = (name: string) => golden.get(`${name}.bytes`)!.bytes;
const valuesOf = (name: string) => new Float32Array(new Uint8Array(golden.get(`${name}.values`)!.bytes).buffer);

const bits = (values: Float32Array) => [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
/** A NaN's payload is the reader's business: all NaN count as one. */
const quiet = (values: Float32Array) => bits(values.map((value) => (Number.isNaN(value) ? NaN : value)));

const BLOCKS_OF_32 = ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL"];
const BLOCKS_OF_256 = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"];

describe.each(["F16", "BF16", ...BLOCKS_OF_32, ...BLOCKS_OF_256])("%s", (name) => {
  const format = FORMATS.get(name)!;
  const bytes = bytesOf(name);
  const expected = valuesOf(name);

  it("gives gguf-py's float32 bit for bit, scales at every edge of half precision included", () => {
    const values = new Float32Array(expected.length);
    format.widen(bytes, 0, bytes.length / format.bytes, values, 0);
    expect(quiet(values)).toEqual(quiet(expected));
  });

  it("reads blocks from any byte and writes them to any place, and nothing else", () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const block = 5;
    const values = new Float32Array(format.block + 2).fill(7);
    format.widen(shifted, 3 + block * format.bytes, 1, values, 1);
    expect(values[0]).toBe(7);
    expect(values.at(-1)).toBe(7);
    const one = expected.slice(block * format.block, (block + 1) * format.block);
    expect(quiet(values.slice(1, -1))).toEqual(quiet(one));
  });
});

it("F32 keeps every bit pattern, from bytes at any alignment", () => {
  const patterns = Uint32Array.of(0, 0x80000000, 1, 0x7f800000, 0xff800000, 0x7fc00001, 0x7f800001, 0x3f800000);
  const shifted = new Uint8Array(4 * patterns.length + 1);
  shifted.set(new Uint8Array(patterns.buffer), 1);
  const values = new Float32Array(patterns.length);
  FORMATS.get("F32")!.widen(shifted, 1, patterns.length, values, 0);
  expect(bits(values)).toEqual([...patterns]);
});

it.each([0, 1, 2, 3])(
  "BF16 keeps every one of its 65,536 bit patterns, from byte %d on, odd numbers of them too",
  (at) => {
    const patterns = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
    const bytes = new Uint8Array(patterns.byteLength + 4);
    bytes.set(new Uint8Array(patterns.buffer), at);
    for (const count of [1 << 16, 65_535, 1]) {
      const values = new Float32Array(1 << 16).fill(7);
      FORMATS.get("BF16")!.widen(bytes, at, count, values, 0);
      expect(new Uint32Array(values.buffer).subarray(0, count).every((word, i) => word === i * 65_536)).toBe(true);
      expect(values.subarray(count).every((value) => value === 7)).toBe(true);
    }
  },
);

it("F16 is the half of each of its 65,536 bit patterns: spaced 2^-24, then doubling every 1,024", () => {
  const patterns = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const values = new Float32Array(1 << 16);
  FORMATS.get("F16")!.widen(new Uint8Array(patterns.buffer), 0, 1 << 16, values, 0);
  let next = 0;
  for (let i = 0; i < 0x7c00; i++) {
    expect(values[i]).toBe(next);
    expect(values[i + 0x8000]).toBe(-next);
    next += 2 ** (Math.max(i >> 10, 1) - 25);
  }
  expect([values[0x7c00], values[0xfc00], values[0x7c01]]).toEqual([Infinity, -Infinity, NaN]);
});

it("formats take the room that ggml gives them", () => {
  for (const { name, block, bytes } of GGML_TYPES.values()) {
    const format = FORMATS.get(name);
    if (format !== undefined) expect([name, format.block, format.bytes]).toEqual([name, block, bytes]);
  }
  expect([...GGML_TYPES.values()].filter(({ name }) => FORMATS.has(name))).toHaveLength(FORMATS.size);
});

it("formats are found by the names that files give them", () => {
  expect([...FORMATS.keys()]).toEqual(["F32", "F16", "BF16", ...BLOCKS_OF_32, ...BLOCKS_OF_256]);
  expect([...FORMATS].every(([name, format]) => name === format.name)).toBe(true);
});
