import { describe, expect, it } from "vitest";
import { type GgufMetadata, readGguf } from "../../src/files/gguf.ts";
import { layOutGguf } from "../../src/files/gguf-write.ts";
import { codeOf } from "../support/codes.ts";
import { gguf, inMemory, type Pair } from "../support/gguf.ts";

const METADATA: GgufMetadata = new Map([
  ["a.string", { type: "string", value: "naïve \u{1f600} __proto__" }],
  ["__proto__", { type: "bool", value: true }],
  ["a.u8", { type: "uint8", value: 255 }],
  ["a.i8", { type: "int8", value: -128 }],
  ["a.u16", { type: "uint16", value: 65_535 }],
  ["a.i16", { type: "int16", value: -32_768 }],
  ["a.u32", { type: "uint32", value: 4_294_967_295 }],
  ["a.i32", { type: "int32", value: -2_147_483_648 }],
  ["a.f32", { type: "float32", value: Math.fround(1e-5) }],
  ["a.f64", { type: "float64", value: 1e-5 }],
  ["a.u64", { type: "uint64", value: 18_446_744_073_709_551_615n }],
  ["a.i64", { type: "int64", value: -5 }],
  ["a.texts", { type: "array", element: "string", value: ["", "b", "\0"] }],
  ["a.numbers", { type: "array", element: "int32", value: [3, -1] }],
  ["a.none", { type: "array", element: "float32", value: [] }],
]);

const TENSORS = [
  { name: "one", shape: [3], format: "F32" },
  { name: "two", shape: [5, 64], format: "Q8_0" },
  { name: "three", shape: [2, 256], format: "Q6_K" },
];

describe("layOutGguf", () => {
  it("what is written is read again: every type of value, names, shapes, places", () => {
    const { head, places, fileBytes } = layOutGguf("x.gguf", METADATA, TENSORS);
    const file = new Uint8Array(fileBytes);
    file.set(head);
    const read = readGguf(inMemory(file));
    expect(read.version).toBe(3);
    expect([...read.metadata]).toEqual([...METADATA]);
    expect(read.tensors.map(({ name, shape, format }) => ({ name, shape, format }))).toEqual(TENSORS);
    expect(read.tensors.map(({ offset: at, bytes }) => ({ at, bytes }))).toEqual(places);
    expect(places.map(({ at }) => at % 32)).toEqual([0, 0, 0]);
    expect(head.length).toBe(places[0]!.at);
  });

  it("takes a vocabulary larger than a call may have arguments", () => {
    const value = Array.from({ length: 200_000 }, (_, id) => `${id}`);
    const metadata: GgufMetadata = new Map([["texts", { type: "array", element: "string", value }]]);
    const { head } = layOutGguf("x.gguf", metadata, []);
    expect([...readGguf(inMemory(new Uint8Array(head))).metadata]).toEqual([...metadata]);
  });

  it("has the bytes that the tests' own writer gives, but for the last tensor's padding", () => {
    const pairs = [...METADATA].map(([key, { type, value, ...rest }]) => ({ key, type, value, ...rest })) as Pair[];
    const data = TENSORS.map(({ shape }, i) => new Uint8Array([12, 340, 420][i]!).fill(shape.length));
    const tensors = TENSORS.map(({ name, shape, format }, i) => {
      return { name, ne: shape.toReversed(), type: format, data: data[i]! };
    });
    const expected = gguf({ pairs, tensors });
    const { head, fileBytes } = layOutGguf("x.gguf", METADATA, TENSORS);
    expect(Buffer.compare(head, expected.subarray(0, head.length))).toBe(0);
    expect(fileBytes - expected.length).toBe(32 - (420 % 32));
  });

  it("refuses names of more than 63 bytes and rows of broken blocks", () => {
    const lay = (name: string, columns: number) =>
      layOutGguf("x.gguf", new Map(), [{ name, shape: [2, columns], format: "Q8_0" }]);
    expect(codeOf(() => lay("é".repeat(32), 32))).toBe("E_GGUF_NAME");
    expect(codeOf(() => lay("x", 33))).toBe("E_GGUF_SHAPE");
    expect(codeOf(() => lay("é".repeat(31), 32))).toBe("nothing");
  });
});
