import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { narrowInt8 } from "../../src/quant/int8.ts";
import { FORMATS } from "../../src/quant/index.ts";
import { HALF } from "../../src/quant/f16.ts";
import { NARROWS } from "../../src/quant/narrow.ts";
import { half, roundEven } from "../../src/quant/narrowing.ts";

const path = join(import.meta.dirname, "../../golden/quant/narrow.safetensors");
const golden = parseSafetensors(readFileSync(path), path);
const bytesOf = (name: string) => golden.get(name)!.bytes;
const floatsOf = (name: string) => new Float32Array(new Uint8Array(bytesOf(name)).buffer);

const values = floatsOf("values");
const BLOCKS = values.length / 256;

/** The blocks that an encoder makes of all values. */
function narrowed(name: string): Uint8Array {
  const { format, narrow } = NARROWS.get(name)!;
  const into = new Uint8Array((values.length / format.block) * format.bytes);
  narrow(values, 0, values.length / format.block, into, 0);
  return into;
}

describe.each(["F16", "BF16", "Q8_0", "Q5_0", "Q4_0", "Q4_K", "Q6_K"])("to %s", (name) => {
  const expected = bytesOf(`${name}.bytes`);
  // The last 256 values are subnormal. Their inverses are infinite, and ggml's levels of Q4_K then arbitrary, under a scale of 0.
  const blocks = name === "Q4_K" ? BLOCKS - 1 : BLOCKS;
  const perBlock = expected.length / BLOCKS;

  it("gives ggml's bytes: of ordinary values, ties, constants, zeros, outliers, tiny ones", () => {
    const made = narrowed(name);
    for (let b = 0; b < blocks; b++) {
      const [from, to] = [b * perBlock, (b + 1) * perBlock];
      expect([b, ...made.subarray(from, to)]).toEqual([b, ...expected.subarray(from, to)]);
    }
    const { format } = NARROWS.get(name)!;
    const [ours, theirs] = [made, expected].map((bytes) => {
      const wide = new Float32Array(values.length);
      format.widen(bytes, 0, bytes.length / format.bytes, wide, 0);
      return wide.subarray(blocks * 256).map((value) => value + 0);
    });
    expect(ours).toEqual(theirs);
  });

  it("reads values from any place, writes to any place and nothing else, whatever block came before", () => {
    const { format, narrow } = NARROWS.get(name)!;
    const block = 256 / format.block;
    for (const b of [40, 3, 11]) {
      const into = new Uint8Array(perBlock + 2).fill(77);
      narrow(values, b * 256, block, into, 1);
      expect([...into.subarray(1, -1)]).toEqual([...expected.subarray(b * perBlock, (b + 1) * perBlock)]);
      expect([into[0], into.at(-1)]).toEqual([77, 77]);
    }
  });

  it("what it has written comes out finite for the largest values that it says it can hold", () => {
    const { format, most, narrow } = NARROWS.get(name)!;
    const extreme = Float32Array.from({ length: 256 }, (_, i) => Math.fround(most) * (i % 3 === 0 ? 1 : -1));
    const into = new Uint8Array(perBlock);
    narrow(extreme, 0, 256 / format.block, into, 0);
    const wide = new Float32Array(256);
    format.widen(into, 0, 256 / format.block, wide, 0);
    for (const [i, value] of wide.entries()) expect(value / extreme[i]!).toBeCloseTo(1, 0);
  });
});

it("encoders stand under the names of their formats", () => {
  expect([...NARROWS].every(([name, { format }]) => FORMATS.get(name) === format)).toBe(true);
});

it("half is the nearest of all 65,536, ties to even, and keeps each of them", () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    expect([half(HALF[bits]!), half(-HALF[bits]!)]).toEqual([bits, bits | 0x8000]);
    if (bits === 0x7bff) break;
    const middle = (HALF[bits]! + HALF[bits + 1]!) / 2;
    expect(half(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
  }
  expect([half(65_519.996), half(65_520), half(Infinity), half(-Infinity), half(NaN) & 0x7fff]).toEqual([
    0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x7e00,
  ]);
});

it("roundEven is the nearest integer, ties to the even one", () => {
  const tie = (x: number) => (Math.abs(x % 2) === 0.5 ? x - (x % 2) : x - (x % 2) + 2 * Math.sign(x));
  for (let x = -129.5; x <= 129.5; x++) expect(roundEven(x) + 0).toBe(tie(x) + 0);
  expect([roundEven(2.4999999), roundEven(2.5000001), roundEven(-0.6)]).toEqual([2, 3, -1]);
});

describe("int8", () => {
  const floats = new Float32Array(1);
  const words = new Uint32Array(floats.buffer);
  const float32 = (bits: number) => {
    words[0] = bits;
    return floats[0]!;
  };

  it.each([32, 64, 128, 1024])("has torch's integers and scales, by groups of %i", (group) => {
    const ordinary = floatsOf("ordinary");
    const [q, scales] = [new Uint8Array(ordinary.length), floatsOf(`int8.${group}.scale`)];
    for (let at = 0; at < ordinary.length; at += group) {
      expect(narrowInt8(ordinary, at, group, q, at)).toBe(scales[at / group]);
    }
    expect([...q]).toEqual([...bytesOf(`int8.${group}`)]);
  });

  /** The bound of int8.ts, in integers: nothing here is rounded. */
  function check(row: Float32Array): void {
    const q = new Uint8Array(row.length);
    const s = narrowInt8(row, 0, row.length, q, 0);
    expect(s >= 2 ** -126 && s < Infinity && s === Math.fround(s)).toBe(true);
    for (const [i, w] of row.entries()) {
      const level = q[i]! - 128;
      expect(level).toBeGreaterThanOrEqual(-127);
      const twice = 2n * (exactly(w) - BigInt(level) * exactly(s));
      const size = twice < 0n ? -twice : twice;
      expect([w, size <= exactly(s)]).toEqual([w, true]);
      if (size === exactly(s)) expect(level % 2 === 0).toBe(true);
      const y = Math.fround(level * s);
      expect(Number.isFinite(y)).toBe(true);
      expect(Math.abs(y - level * s)).toBeLessThanOrEqual(Math.abs(level * s) * 2 ** -24);
    }
  }

  /** A float32 as a whole number of 2^-149. */
  function exactly(x: number): bigint {
    words[0] = 0;
    floats[0] = x;
    const [e, f] = [(words[0]! >>> 23) & 255, words[0]! & 0x7fffff];
    const size = e === 0 ? BigInt(f) : BigInt(f | 0x800000) << BigInt(e - 1);
    return x < 0 ? -size : size;
  }

  it("is within half a scale of every weight, exactly: any float32, subnormal to largest", () => {
    const any = fc.integer({ min: 0, max: 0xffffffff }).map(float32);
    const finite = any.filter((x) => Number.isFinite(x));
    const tiny = fc.integer({ min: 0, max: 0x01800000 }).map((bits) => float32(bits));
    for (const one of [finite, tiny]) {
      fc.assert(
        fc.property(fc.array(one, { minLength: 1, maxLength: 40 }), (row) => check(Float32Array.from(row))),
        { numRuns: 300 },
      );
    }
  });

  it("and at ties, next to ties, at both ends, for zeros alone and for the largest float32", () => {
    const step = (x: number, by: number) => ((floats[0] = x), (words[0] = words[0]! + by), floats[0]);
    fc.assert(
      fc.property(fc.integer({ min: 0x00800000, max: 0x7b000000 }), (bits) => {
        const s = float32(bits);
        const near = Array.from({ length: 127 }, (_, k) => Math.fround((k + 0.5) * s));
        check(Float32Array.from([127 * s, ...near, ...near.map((x) => -step(x, 1)), ...near.map((x) => step(x, -1))]));
      }),
      { numRuns: 50 },
    );
    const largest = float32(0x7f7fffff);
    const rows = [[0, -0], [largest, -largest, 1], [-largest], [1, -1, 0.5], [float32(1)], [float32(0x3f8000), -0]];
    for (const row of rows) check(Float32Array.from(row));
  });

  it("a row of zeros has the least scale and no other value", () => {
    const q = new Uint8Array(4);
    expect([narrowInt8(new Float32Array(4), 0, 4, q, 0), ...q]).toEqual([2 ** -126, 128, 128, 128, 128]);
  });
});
