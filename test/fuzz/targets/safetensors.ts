/** A safetensors file whole: the header's length, the header, as many bytes of data as it promises, or nearly. */
import { parseSafetensors } from "../../../src/files/safetensors.ts";
import { damageJson, outline, VALUES } from "../json.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

const DTYPES = ["F32", "BF16", "F16", "I64", "U8", "BOOL", "F64", "I32"];
const BYTES: Readonly<Record<string, number>> = { F32: 4, BF16: 2, F16: 2, I64: 8, U8: 1, BOOL: 1, F64: 8, I32: 4 };
const NAMES = ["a", "b", "model.norm.weight", "lm_head.weight", "é", "__proto__", "toString", "x y", "t"];

const EXTRA = [
  ...[
    '"F8_E4M3"',
    '"f32"',
    '"C64"',
    '"U64"',
    "[0,4]",
    "[4,0]",
    "[0,4,8]",
    "[1,1,1,1,1,1,1,1,1]",
    "[4294967296,4294967296]",
  ],
  ...[
    "[2251799813685248]",
    "[0,18446744073709551615]",
    '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}',
    '["U8",[0],[0,0]]',
  ],
];

/** A header of a few tensors in a row, and how many bytes their data take. */
export function safetensorsHeader(random: Random): { text: string; bytes: number } {
  let end = 0;
  const names = NAMES.slice(random.below(4)).slice(0, random.below(4));
  const fields = names.map((name) => {
    const dtype = random.pick(DTYPES);
    const shape = Array.from({ length: random.below(4) }, () => random.below(4));
    const begin = end;
    end += shape.reduce((product, n) => product * n, BYTES[dtype]!);
    return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${begin},${end}]}`;
  });
  if (random.once(3)) fields.unshift(`"__metadata__":{"format":"pt"}`);
  return { text: `{${fields.join(random.once(2) ? "," : ", ")}}`, bytes: end };
}

/** A file of that header; seldom is its length a lie, or the data's. */
export function safetensorsFile(header: string, dataBytes: number, random: Random): Uint8Array {
  const json = Buffer.from(header);
  const data = Math.max(0, dataBytes + (random.once(16) ? random.from(-2, 8) : 0));
  const file = new Uint8Array(8 + json.length + data);
  const length = BigInt(json.length) + (random.once(30) ? random.pick([-1n, 1n, 8n, 2n ** 32n, 2n ** 63n]) : 0n);
  new DataView(file.buffer).setBigUint64(0, BigInt.asUintN(64, length), !random.once(200));
  file.set(json, 8);
  return file;
}

/** A good header, three times in four damaged. */
export function structuredSafetensors(random: Random): Uint8Array {
  const { text, bytes } = safetensorsHeader(random);
  const header = random.once(4) ? text : damageJson([outline(text)], EXTRA, random);
  const lie = random.once(60) ? `,"__metadata__":${random.pick(VALUES)}}` : "}";
  return safetensorsFile(header.replace(/\}$/, lie), bytes, random);
}

function seed(header: string, dataBytes: number): Uint8Array {
  const json = Buffer.from(header);
  const file = Buffer.alloc(8 + json.length + dataBytes);
  file.writeBigUInt64LE(BigInt(json.length));
  json.copy(file, 8);
  return file;
}

const ENTRY = '{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}';

export const safetensors: Target = {
  name: "safetensors",
  extension: "bin",
  seeds: [
    seed("{}", 0),
    seed(`{"t":${ENTRY}}`, 16),
    seed(
      `{"__metadata__":{"format":"pt"},"a":${ENTRY},"b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]}}   `,
      22,
    ),
    seed(
      '{"s":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"e":{"dtype":"U8","shape":[0],"data_offsets":[8,8]}}',
      8,
    ),
  ],
  structured: structuredSafetensors,
  read: (bytes) => void parseSafetensors(bytes, "model.safetensors"),
};
