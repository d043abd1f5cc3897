/** Damaged headers, read by the Rust library and by us. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeSafetensors } from "../../src/files/safetensors-write.ts";
import { DTYPE_BYTES } from "../../src/files/safetensors.ts";
import { structuredSafetensors } from "../fuzz/targets/safetensors.ts";
import { Random } from "../fuzz/random.ts";
import { temporaryFolder } from "../support/folder.ts";
import { ours, python, rust, STRICTER } from "./rust-safetensors.ts";

const entry = fc
  .tuple(fc.constantFrom("F32", "BF16", "I64", "U8", "BOOL"), fc.array(fc.nat(3), { maxLength: 3 }))
  .map(([dtype, shape]) => ({ dtype, shape, bytes: shape.reduce((a, b) => a * b, DTYPE_BYTES.get(dtype)!) }));

/** The header of a few tensors in a row, as text, and how many bytes their data are. */
const header = fc
  .tuple(fc.uniqueArray(fc.constantFrom("a", "b", "t", "model.x", "é", "__proto__"), { maxLength: 3 }), fc.array(entry))
  .map(([names, entries]) => {
    let end = 0;
    const fields = names.slice(0, entries.length).map((name, i) => {
      const { dtype, shape, bytes } = entries[i]!;
      end += bytes;
      return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [end - bytes, end] })}`;
    });
    return { text: `{${fields.join(",")}}`, bytes: end };
  });

/** What a token may be replaced with. */
const TOKENS = [
  ...'{}[]:,"\\ \n\0-',
  ...["-0", "-1", "0", "1", "1.0", "1e0", "00", "4", "9007199254740993", "18446744073709551615", "4294967296", "1e400"],
  ...[
    '""',
    '"a"',
    '"t"',
    '"\\u0074"',
    '"\\u0000"',
    '"\\ud800"',
    '"\u202e"',
    "\ufeff",
    '"__metadata__"',
    "null",
    "true",
  ],
  ...[
    '"F32"',
    '"f32"',
    '"F8_E4M3"',
    '"C64"',
    "[]",
    "[0]",
    "[1]",
    "[0,0]",
    "[1,1,1,1,1,1,1,1,1]",
    "[0,18446744073709551615]",
  ],
  ...["[4294967296,4294967296,0]", "{}", '["U8",[0],[0,0]]', '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'],
];

/** What may be put in after a brace. */
const MEMBERS = [
  ...[
    '"__metadata__":{"k":"v"},',
    '"__metadata__":null,',
    '"__metadata__":{"k":1},',
    '"__metadata__":{"k":"","k":""},',
  ],
  ...['"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},', '"\\u0074":["U8",[0],[0,0]],', '"b":["U8",[0],[0,0]],'],
  ...[
    '"e":{"dtype":"F8_E4M3","shape":[0],"data_offsets":[0,0]},',
    '"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},',
  ],
  '"r":{"dtype":"U8","shape":[0,1,1,1,1,1,1,1,1],"data_offsets":[0,0]},',
  '"o":{"dtype":"U8","shape":[4294967296,2147483648,0],"data_offsets":[0,0]},',
  ...['"x":1,', '"x":1e400,', '"x":"\\ud800",', '"x":[[[[[[[[[1]]]]]]]]],', '"dtype":"U8",', '"shape":[0],'],
];

const change = fc.oneof(
  fc.record({ at: fc.nat(), kind: fc.constantFrom("replace", "insert"), piece: fc.constantFrom("", ...TOKENS) }),
  fc.record({ at: fc.nat(), kind: fc.constant("member"), piece: fc.constantFrom(...MEMBERS) }),
);

function apply(text: string, { at, kind, piece }: { at: number; kind: string; piece: string }): string {
  const tokens = text.match(/"[^"]*"|\d+|[^]/g) ?? [];
  const places = tokens.flatMap((token, i) => (kind !== "member" || token === "{" ? [i] : []));
  const place = places[at % places.length] ?? 0;
  const token = tokens[place] ?? "";
  tokens[place] = kind === "replace" ? piece : kind === "insert" ? piece + token : token + piece;
  return tokens.join("");
}

/** A header with up to three changes; its length, and that of the data, may be off as well. */
const damaged = fc
  .tuple(
    header,
    fc.array(change, { maxLength: 3 }),
    fc.oneof({ arbitrary: fc.constant(0), weight: 20 }, fc.constantFrom(-1, 1, 8)),
    fc.oneof({ arbitrary: fc.constant(0), weight: 20 }, fc.constantFrom(-1, 1, 4)),
  )
  .map(([{ text, bytes }, changes, lengthError, dataError]) => {
    const json = Buffer.from(changes.reduce(apply, text));
    const file = Buffer.alloc(8 + json.length + Math.max(0, bytes + dataError));
    file.writeBigInt64LE(BigInt(json.length + lengthError));
    json.copy(file, 8);
    for (let i = 8 + json.length; i < file.length; i++) file[i] = i & 255;
    return Uint8Array.from(file);
  });

describe.skipIf(!existsSync(python))("safetensors", () => {
  test("agrees with the Rust library on 20,000 damaged headers, but for the differences named here", () => {
    const files = fc.sample(damaged, { numRuns: 20_000, seed: 7 });
    const theirs = rust(files);
    expect(theirs.length).toBe(files.length);
    const counts = { both: 0, neither: 0, stricter: new Map<string, number>() };
    files.forEach((file, i) => {
      const [got, want] = [ours(file), theirs[i]!];
      if (typeof got === "string" && typeof want !== "string") {
        expect(STRICTER.has(got), `${got}: ${Buffer.from(file).toString("latin1")}`).toBe(true);
        counts.stricter.set(got, (counts.stricter.get(got) ?? 0) + 1);
      } else if (typeof got === "string") {
        counts.neither++;
      } else {
        expect(got, Buffer.from(file).toString("latin1")).toEqual(want);
        counts.both++;
      }
    });
    expect(counts.both).toBeGreaterThan(3000);
    expect(counts.neither).toBeGreaterThan(3000);
    expect([...counts.stricter.keys()].sort()).toEqual([...STRICTER.keys()].sort()); // each difference is real
  });

  test("agrees with it on 200,000 headers of the fuzzer, but for the same differences", () => {
    const counts = { both: 0, neither: 0, stricter: 0 };
    for (let from = 0; from < 200_000; from += 20_000) {
      const files = Array.from({ length: 20_000 }, (_, i) =>
        structuredSafetensors(new Random("differential", 1, from + i)),
      );
      const theirs = rust(files);
      files.forEach((file, i) => {
        const [got, want] = [ours(file), theirs[i]!];
        const text = Buffer.from(file).toString("latin1");
        if (typeof got === "string" && typeof want !== "string") {
          if (!STRICTER.has(got)) expect.fail(`${got}: ${text}`);
          counts.stricter++;
        } else if (typeof got === "string") counts.neither++;
        else {
          if (JSON.stringify(got) !== JSON.stringify(want)) expect(got, text).toEqual(want);
          counts.both++;
        }
      });
    }
    console.log(`safetensors: ${JSON.stringify(counts)}`);
    expect(counts.both).toBeGreaterThan(30_000);
    expect(counts.neither).toBeGreaterThan(30_000);
  });

  test("writes a file that the Rust library reads, with the same tensors", () => {
    const file = join(temporaryFolder(), "x.safetensors");
    const tensors = [...DTYPE_BYTES].map(
      ([dtype, bytes], i): [string, { dtype: string; shape: number[]; bytes: Uint8Array }] => [
        `t${i}`,
        { dtype, shape: [3], bytes: new Uint8Array(3 * bytes).fill(1) },
      ],
    );
    writeSafetensors(file, new Map(tensors), new Map([["format", "pt"]]));
    const bytes = Uint8Array.from(readFileSync(file));
    expect(rust([bytes])[0]).toEqual(ours(bytes));
  });
});
