import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { GGML_TYPES } from "../../src/files/ggml-types.ts";
import { readGguf } from "../../src/files/gguf.ts";
import { gguf, type GgufParts, type GgufTensor, inMemory, type Pair, string, u64 } from "../support/gguf.ts";
import { clock } from "../support/own-time.ts";

const pair = (key: string, type: Pair["type"], value: Pair["value"]): Pair => ({ key, type, value });
const array = (key: string, element: Pair["type"], value: Pair["value"], length?: bigint): Pair =>
  length === undefined ? { key, type: "array", element, value } : { key, type: "array", element, value, length };
const tensor = (name: string, ne: GgufTensor["ne"] = [4, 2], type: GgufTensor["type"] = "F32", bytes = 32) => ({
  name,
  ne,
  type,
  data: new Uint8Array(bytes).fill(1),
});
const read = (bytes: Uint8Array) => readGguf(inMemory(bytes));

function codeOf(bytes: Uint8Array): string {
  try {
    read(bytes);
    return "accepted";
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    throw error;
  }
}

const whole: GgufParts = {
  pairs: [
    pair("general.architecture", "string", "qwen2"),
    pair("general.alignment", "uint32", 32),
    array("tokens", "string", ["a", "é", "__proto__", "\ufffd"]),
  ],
  tensors: [tensor("a"), tensor("b", [32, 3], "Q4_1", 60), tensor("c", [5], "F16", 10)],
};

describe("readGguf", () => {
  it.each([2, 3])(
    "reads version %i: sizes outermost first, data one after another from the padded header",
    (version) => {
      const bytes = gguf({ ...whole, version });
      const { metadata, tensors, version: read2 } = read(bytes);
      expect(read2).toBe(version);
      expect(metadata.get("tokens")).toEqual({
        type: "array",
        element: "string",
        value: ["a", "é", "__proto__", "\ufffd"],
      });
      const start = bytes.length - (32 + 64 + 10);
      expect(tensors).toEqual([
        { name: "a", format: "F32", shape: [2, 4], path: "model.gguf", offset: start, bytes: 32 },
        { name: "b", format: "Q4_1", shape: [3, 32], path: "model.gguf", offset: start + 32, bytes: 60 },
        { name: "c", format: "F16", shape: [5], path: "model.gguf", offset: start + 96, bytes: 10 },
      ]);
    },
  );

  it("gives every type of value exactly, 64-bit integers as bigints where a float64 would not hold them", () => {
    const pairs = [
      pair("uint8", "uint8", 255),
      pair("int8", "int8", -1),
      pair("uint16", "uint16", 65_535),
      pair("int16", "int16", -2),
      pair("uint32", "uint32", 2 ** 32 - 1),
      pair("int32", "int32", -3),
      pair("float32", "float32", 1e-5),
      pair("bool", "bool", true),
      pair("string", "string", "x\0y"),
      pair("uint64", "uint64", 2n ** 64n - 1n),
      pair("int64", "int64", -4n),
      pair("float64", "float64", 1e-5),
    ];
    const { metadata } = read(gguf({ pairs }));
    expect([...metadata].map(([key, { value }]) => [key, value])).toEqual([
      ["uint8", 255],
      ["int8", -1],
      ["uint16", 65_535],
      ["int16", -2],
      ["uint32", 2 ** 32 - 1],
      ["int32", -3],
      ["float32", Math.fround(1e-5)],
      ["bool", true],
      ["string", "x\0y"],
      ["uint64", 2n ** 64n - 1n],
      ["int64", -4],
      ["float64", 1e-5],
    ]);
  });

  it("lays every ggml type out by its own block", () => {
    for (const [id, { name, block, bytes }] of GGML_TYPES) {
      const { tensors } = read(gguf({ tensors: [tensor("x", [block, 2], id, 2 * bytes)] }));
      expect(tensors[0]).toMatchObject({ format: name, shape: [2, block], bytes: 2 * bytes });
    }
  });

  it("reads 300,000 tokens and merges in under 2 s", () => {
    const words = Array.from({ length: 150_000 }, (_, i) => `word${i}`);
    const bytes = gguf({ pairs: [array("tokens", "string", words), array("merges", "string", words)] });
    const taken = clock();
    expect(read(bytes).metadata.get("merges")!.value).toHaveLength(150_000);
    expect(taken()).toBeLessThan(2000);
  });
});

const bad: readonly (readonly [what: string, parts: GgufParts, code: string])[] = [
  ["another magic", { magic: "GGML" }, "E_GGUF_MAGIC"],
  ["version 0", { version: 0 }, "E_GGUF_VERSION"],
  ["version 1", { version: 1 }, "E_GGUF_VERSION"],
  ["version 4", { version: 4 }, "E_GGUF_VERSION"],
  ["version 3 with its bytes swapped", { version: 0x03000000 }, "E_GGUF_ENDIAN"],
  ["2^63 tensors", { tensorCount: 2n ** 63n }, "E_GGUF_COUNT"],
  ["-1 tensors", { tensorCount: -1n }, "E_GGUF_COUNT"],
  ["10 million pairs", { pairCount: 10_000_000n }, "E_GGUF_COUNT"],
  ["more pairs than there are", { ...whole, pairCount: 5n }, "E_GGUF_KEY"],
  ["a string longer than the file", { pairs: [pair("k", "string", u64(2n ** 40n))] }, "E_GGUF_LENGTH"],
  ["a string of 2^64 - 1 bytes", { pairs: [pair("k", "string", u64(2n ** 64n - 1n))] }, "E_GGUF_LENGTH"],
  ["an array longer than the file", { pairs: [array("k", "uint32", [1, 2], 2n ** 63n)] }, "E_GGUF_LENGTH"],
  ["a string that is not UTF-8", { pairs: [pair("k", "string", string(Buffer.from([0xff])))] }, "E_GGUF_UTF8"],
  ["an empty key", { pairs: [pair("", "uint8", 1)] }, "E_GGUF_KEY"],
  ["a key that is not UTF-8", { pairs: [{ key: Buffer.from([0xc0, 0x80]), type: "uint8", value: 1 }] }, "E_GGUF_KEY"],
  ["a key twice", { pairs: [pair("k", "uint8", 1), pair("k", "uint8", 1)] }, "E_GGUF_KEY"],
  ["an unknown type of value", { pairs: [pair("k", 13, Buffer.alloc(8))] }, "E_GGUF_TYPE"],
  ["an unknown type of element", { pairs: [array("k", 99, Buffer.alloc(8), 1n)] }, "E_GGUF_TYPE"],
  ["an array of arrays", { pairs: [array("k", "array", Buffer.alloc(12), 1n)] }, "E_GGUF_TYPE"],
  ["a bool of 2", { pairs: [pair("k", "bool", Buffer.from([2]))] }, "E_GGUF_TYPE"],
  ["alignment 0", { pairs: [pair("general.alignment", "uint32", 0)] }, "E_GGUF_ALIGN"],
  ["alignment 3", { pairs: [pair("general.alignment", "uint32", 3)] }, "E_GGUF_ALIGN"],
  ["alignment 2^31", { pairs: [pair("general.alignment", "uint32", 2 ** 31)] }, "E_GGUF_ALIGN"],
  ["alignment of another type", { pairs: [pair("general.alignment", "uint64", 32n)] }, "E_GGUF_ALIGN"],
  ["a name of 64 bytes", { tensors: [tensor("x".repeat(64))] }, "E_GGUF_NAME"],
  ["an empty name", { tensors: [tensor("")] }, "E_GGUF_NAME"],
  ["a name that is not UTF-8", { tensors: [{ ...tensor("x"), name: Buffer.from([0xff]) }] }, "E_GGUF_NAME"],
  ["a name twice", { tensors: [tensor("x"), tensor("x")] }, "E_GGUF_NAME"],
  ["five dimensions", { tensors: [tensor("x", [1, 1, 1, 1, 1])] }, "E_GGUF_SHAPE"],
  ["a size of 0", { tensors: [tensor("x", [4, 0])] }, "E_GGUF_SHAPE"],
  ["sizes whose product wraps to 4", { tensors: [tensor("x", [2n ** 63n + 2n, 2])] }, "E_GGUF_SHAPE"],
  ["half a block in a row", { tensors: [tensor("x", [48, 2], "Q8_0", 102)] }, "E_GGUF_SHAPE"],
  ["ggml type 999", { tensors: [tensor("x", [4], 999)] }, "E_GGUF_DTYPE"],
  ["Q8_1", { tensors: [tensor("x", [32], 9, 36)] }, "E_GGUF_DTYPE"],
  ["ggml type 4, which was withdrawn", { tensors: [tensor("x", [32], 4)] }, "E_GGUF_DTYPE"],
  ["an offset off the alignment", { tensors: [{ ...tensor("x"), offset: 4n }] }, "E_GGUF_OFFSET"],
  ["an offset beyond the file", { tensors: [{ ...tensor("x"), offset: 2n ** 40n }] }, "E_GGUF_OFFSET"],
  ["two tensors over the same bytes", { tensors: [tensor("x"), { ...tensor("y"), offset: 0n }] }, "E_GGUF_OFFSET"],
  ["a hole", { tensors: [tensor("x"), { ...tensor("y"), offset: 64n }] }, "E_GGUF_OFFSET"],
  ["less data than the shape needs", { tensors: [tensor("x", [4, 4])] }, "E_GGUF_TRUNCATED"],
  ["data after the last tensor", { tensors: [tensor("x", [4], "F32", 64)] }, "E_GGUF_TRAILING"],
];

describe("bad GGUF files have their codes", () => {
  it.each(bad)("%s", (_, parts, code) => expect(codeOf(gguf(parts))).toBe(code));

  it("the file cut after any byte", () => {
    const bytes = gguf(whole);
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(bytes.subarray(0, length))).toMatch(/^E_GGUF_(MAGIC|COUNT|LENGTH|KEY|NAME|TRUNCATED)$/);
    }
  });

  it("any bytes changed: read, or refused with a code", () => {
    const good = gguf(whole);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Uint8Array.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          expect(codeOf(bytes)).toMatch(/^(accepted|E_[A-Z_0-9]+)$/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it("refuses by name what only exists in ggml's memory", () => {
  expect(() => read(gguf({ tensors: [tensor("x", [32], 9, 36)] }))).toThrow(
    'expected a known number format of "x", got 9, Q8_1, which only exists in ggml\'s memory',
  );
});

it("says where, what was expected, what came, and what to do", () => {
  const cut = gguf(whole).subarray(0, -40);
  expect(() => read(cut)).toThrow(
    "model.gguf: expected a file of 426 bytes, got 386, 90 % of it (at byte 386). The file is damaged or incomplete; get it again.",
  );
});
