import fc from "fast-check";
import * as fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { DTYPE_BYTES, parseSafetensors, type TensorBytes } from "../../src/files/safetensors.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

const tensor = (dtype: string, shape: number[], first = 1): TensorBytes => {
  const bytes = shape.reduce((product, n) => product * n, DTYPE_BYTES.get(dtype) ?? 1);
  return { dtype, shape, bytes: Uint8Array.from({ length: bytes }, (_, i) => (first + i) & 255) };
};

it("puts the widest dtypes first, then names in the order of their bytes, and pads the header to 8 bytes", () => {
  const path = join(temporaryFolder(), "x.safetensors");
  const tensors = new Map([
    ["b", tensor("F32", [2])],
    ["U", tensor("U8", [3])],
    ["\u{10000}", tensor("F32", [1])],
    ["\uffee", tensor("F32", [1])],
    ["a", tensor("I64", [1])],
  ]);
  writeSafetensors(path, tensors, new Map([["z", "1"], ["a", "\n"]])); // prettier-ignore
  const bytes = fs.readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  expect(length % 8).toBe(0);
  expect(
    bytes
      .subarray(8, 8 + length)
      .toString()
      .trimEnd(),
  ).toBe(
    '{"__metadata__":{"a":"\\n","z":"1"},' +
      '"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},' +
      '"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},' +
      '"\uffee":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},' +
      '"\u{10000}":{"dtype":"F32","shape":[1],"data_offsets":[20,24]},' +
      '"U":{"dtype":"U8","shape":[3],"data_offsets":[24,27]}}',
  );
});

it("gives back every tensor that it wrote", () => {
  const path = join(temporaryFolder(), "x.safetensors");
  const dtypes = fc.constantFrom(...DTYPE_BYTES.keys());
  const shape = fc.array(fc.nat(3), { maxLength: 3 });
  const tensors = fc.dictionary(
    fc.stringMatching(/^[a-zé_.]{1,9}$/),
    fc.tuple(dtypes, shape, fc.nat(255)).map((drawn) => tensor(...drawn)),
  );
  fc.assert(
    fc.property(tensors, (drawn) => {
      const written = new Map(Object.entries(drawn));
      writeSafetensors(path, written);
      const file = Uint8Array.from(fs.readFileSync(path));
      const read = parseSafetensors(file, path);
      const header = Buffer.from(file.subarray(8, 8 + file[0]! + 256 * file[1]!)).toString();
      expect(header.length - header.trimEnd().length).toBeLessThan(8);
      expect(new Map([...read].sort())).toEqual(new Map([...written].sort()));
    }),
    { numRuns: 50 },
  );
});

it.each([
  ["a name without characters", new Map([["", tensor("F32", [1])]]), "E_ST_NAME"],
  ["half a surrogate pair", new Map([["\ud800", tensor("F32", [1])]]), "E_JSON_SURROGATE"],
  ["the metadata's own name", new Map([["__metadata__", tensor("F32", [1])]]), "E_ST_METADATA"],
  ["an unknown dtype", new Map([["t", tensor("F5", [1])]]), "E_ST_DTYPE"],
  ["a shape of 1.5", new Map([["t", { dtype: "U8", shape: [1.5], bytes: new Uint8Array(1) }]]), "E_ST_SHAPE"],
  ["bytes that are not the shape's", new Map([["t", { ...tensor("F32", [1]), shape: [2] }]]), "E_ST_SIZE_MISMATCH"],
])("writes nothing where it could not be read again: %s", (_, tensors, code) => {
  const folder = temporaryFolder();
  expect(failure(() => writeSafetensors(join(folder, "x"), tensors)).code).toBe(code);
  expect(fs.readdirSync(folder)).toEqual([]);
});
