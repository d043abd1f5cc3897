import { describe, expect, it } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { headerLength, parseSafetensors } from "../../src/files/safetensors.ts";

/** A file of that header (text or bytes) and `dataBytes` zeros; `length` overrides what the file says of the header. */
function file(header: string | Uint8Array, dataBytes: number, length?: bigint): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function failure(bytes: Uint8Array): QwqError {
  try {
    parseSafetensors(bytes, "model.safetensors");
  } catch (error) {
    if (error instanceof QwqError) return error;
    throw error;
  }
  throw new Error("accepted");
}

const entry = (begin = 0, end = 4, shape = "[1]", dtype = "F32") =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
const one = (fields: string) => `{"t":{${fields}}}`;
const shaped = (shape: string) => `{"t":${entry(0, 4, shape)}}`;
const at = (offsets: string) => one(`"dtype":"F32","shape":[1],"data_offsets":${offsets}`);
const named = (name: string) => `{"${name}":${entry()}}`;

describe("parseSafetensors", () => {
  it("gives each tensor's own bytes, whatever the order of the header", () => {
    const bytes = file(`{"b":${entry(4, 6, "[2]", "BF16").replace("[2]", "[1]")},"a":${entry()}}`, 6);
    bytes.set([1, 2, 3, 4, 5, 6], bytes.length - 6);
    const tensors = parseSafetensors(bytes, "x");
    expect([...tensors.keys()]).toEqual(["a", "b"]);
    expect(tensors.get("a")).toEqual({ dtype: "F32", shape: [1], bytes: Uint8Array.of(1, 2, 3, 4) });
    expect(tensors.get("b")).toEqual({ dtype: "BF16", shape: [1], bytes: Uint8Array.of(5, 6) });
    expect(tensors.get("a")!.bytes.buffer).toBe(bytes.buffer);
  });

  it.each([
    ["no tensors", "{}", 0],
    ["leading and trailing whitespace", `  {"t":${entry()}}   `, 4],
    ["a scalar", shaped("[]"), 4],
    ["an empty tensor", `{"t":${entry(0, 0, "[0,9007199254740991]")}}`, 0],
    ["an empty tensor between two others", `{"c":${entry(4, 8)},"b":${entry(4, 4, "[0]")},"a":${entry()}}`, 8],
    ["8 axes", shaped("[1,1,1,1,1,1,1,1]"), 4],
    ["a name called __proto__", named("__proto__"), 4],
    ["a name of 512 bytes", named("é".repeat(256)), 4],
    ["metadata", `{"__metadata__":{"format":"pt","":""},"t":${entry()}}`, 4],
  ])("accepts %s", (_, header, dataBytes) => {
    parseSafetensors(file(header, dataBytes), "x");
  });

  it.each<[string, Uint8Array, string]>([
    ["F9: an empty file", new Uint8Array(0), "E_ST_TOO_SMALL"],
    ["F9: 7 bytes", new Uint8Array(7), "E_ST_TOO_SMALL"],
    ["F12: a web page", new TextEncoder().encode("<!DOCTYPE html><html></html>"), "E_ST_HEADER_TOO_LARGE"],
    ["S1: length 0", new Uint8Array(8), "E_ST_HEADER_EMPTY"],
    ["S2: length 100,000,001", file("{}", 0, 100_000_001n), "E_ST_HEADER_TOO_LARGE"],
    ["S2: length 2^63", file("{}", 0, 2n ** 63n), "E_ST_HEADER_TOO_LARGE"],
    ["S2: length 2^64 - 1", file("{}", 0, 2n ** 64n - 1n), "E_ST_HEADER_TOO_LARGE"],
    ["S3: length one beyond the file", file("{}", 0, 3n), "E_ST_HEADER_LENGTH"],
    ["S3: length 100,000,000 in a small file", file("{}", 0, 100_000_000n), "E_ST_HEADER_LENGTH"],
    ["S4: length one too short", file(named("t"), 4, BigInt(named("t").length - 1)), "E_JSON_SYNTAX"],
    ["S4: length one too long", file(named("t"), 4, BigInt(named("t").length + 1)), "E_JSON_TRAILING"],
    ["S5: invalid UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d), 0), "E_ST_UTF8"],
    ["S6: byte order mark", file("\ufeff{}", 0), "E_ST_BOM"],
    ["S7: NUL padding", file("{}\0\0", 0), "E_JSON_TRAILING"],
    ["S7: UTF-16", file(Uint8Array.of(0x7b, 0, 0x7d, 0), 0), "E_JSON_SYNTAX"],
    ["S9: an array", file("[]", 0), "E_ST_HEADER_TYPE"],
    ["S9: a string", file('"t"', 0), "E_ST_HEADER_TYPE"],
    ["S9: null", file("null", 0), "E_ST_HEADER_TYPE"],
    ["S10: two documents", file("{}{}", 0), "E_JSON_TRAILING"],
    ["S11: a trailing comma", file(`{"t":${entry()},}`, 4), "E_JSON_SYNTAX"],
    ["S11: +2", file(shaped("[+1]"), 4), "E_JSON_SYNTAX"],
    ["S11: 02", file(shaped("[01]"), 4), "E_JSON_SYNTAX"],
    ["S12: a control character in a name", file(named("a\nb"), 4), "E_JSON_SYNTAX"],
    ["S13: half a surrogate pair", file(named("\\ud800"), 4), "E_JSON_SURROGATE"],
    ["S14: 9 levels", file(shaped("[[[[[[[1]]]]]]]"), 4), "E_JSON_DEPTH"],
    ["S15: a name twice", file(`{"t":${entry()},"t":${entry()}}`, 4), "E_JSON_DUP_KEY"],
    ["S16: a name twice, once escaped", file(`{"t":${entry()},"\\u0074":${entry(4, 8)}}`, 8), "E_JSON_DUP_KEY"],
    ["S17: a field twice", file(one(`"dtype":"F32","dtype":"F32"`), 4), "E_JSON_DUP_KEY"],
    ["S17: metadata twice", file('{"__metadata__":{},"__metadata__":{}}', 0), "E_JSON_DUP_KEY"],
    ["S19: an empty name", file(named(""), 4), "E_ST_NAME"],
    ["S19: a name of 513 bytes", file(named("x".repeat(513)), 4), "E_ST_NAME"],
    ["S19: NUL in a name", file(named("a\\u0000"), 4), "E_ST_NAME"],
    ["S19: a bidirectional mark in a name", file(named("a\u202eb"), 4), "E_ST_NAME"],
    ["S21: metadata null", file('{"__metadata__":null}', 0), "E_ST_METADATA"],
    ["S21: metadata an array", file('{"__metadata__":[]}', 0), "E_ST_METADATA"],
    ["S21: metadata nested", file('{"__metadata__":{"a":{}}}', 0), "E_ST_METADATA"],
    ["S21: metadata with a number", file('{"__metadata__":{"a":1}}', 0), "E_ST_METADATA"],
    ["S22: a tensor called __metadata__", file(named("__metadata__"), 4), "E_ST_METADATA"],
    ["S23: an entry null", file('{"t":null}', 0), "E_ST_ENTRY"],
    ["S23: an entry as an array", file('{"t":["F32",[1],[0,4]]}', 4), "E_ST_ENTRY"],
    ["S24: an unknown field", file(one(`"x":1,${entry().slice(1, -1)}`), 4), "E_ST_FIELD"],
    ["S25: no dtype", file(one('"shape":[1],"data_offsets":[0,4]'), 4), "E_ST_FIELD"],
    ["S25: no shape", file(one('"dtype":"F32","data_offsets":[0,4]'), 4), "E_ST_FIELD"],
    ["S25: no data_offsets", file(one('"dtype":"F32","shape":[1]'), 4), "E_ST_FIELD"],
    ["S26: dtype f32", file(`{"t":${entry(0, 4, "[1]", "f32")}}`, 4), "E_ST_DTYPE"],
    ["S26: dtype constructor", file(`{"t":${entry(0, 4, "[1]", "constructor")}}`, 4), "E_ST_DTYPE"],
    ["S26: dtype 1", file(one('"dtype":1,"shape":[1],"data_offsets":[0,4]'), 4), "E_ST_DTYPE"],
    ["S27: dtype F8_E4M3", file(`{"t":${entry(0, 1, "[1]", "F8_E4M3")}}`, 1), "E_ST_DTYPE_UNSUPPORTED"],
    ["S28: an axis of -1", file(shaped("[-1]"), 4), "E_ST_SHAPE"],
    ["S28: an axis of 1.0", file(shaped("[1.0]"), 4), "E_ST_SHAPE"],
    ["S28: an axis of 1e0", file(shaped("[1e0]"), 4), "E_ST_SHAPE"],
    ["S28: an axis of -0", file(shaped("[-0]"), 4), "E_ST_SHAPE"],
    ["S28: an axis of text", file(shaped('["1"]'), 4), "E_ST_SHAPE"],
    ["S28: a shape of null", file(shaped("null"), 4), "E_ST_SHAPE"],
    ["S29: an axis of 2^53 + 1", file(shaped("[9007199254740993]"), 4), "E_JSON_INT_RANGE"],
    ["S29: an axis of 1e30", file(shaped("[1e30]"), 4), "E_JSON_INT_RANGE"],
    ["S30: 9 axes", file(shaped("[1,1,1,1,1,1,1,1,1]"), 4), "E_ST_RANK"],
    ["S31: 2^96 values", file(shaped("[4294967296,4294967296,4294967296]"), 4), "E_ST_OVERFLOW"],
    ["S31: 2^51 values of 4 bytes", file(shaped("[2251799813685248]"), 4), "E_ST_OVERFLOW"],
    ["S32: [0, 2^64 - 1]", file(`{"t":${entry(0, 0, "[0,18446744073709551615]")}}`, 0), "E_JSON_INT_RANGE"],
    ["S35: a negative offset", file(at("[-4,0]"), 0), "E_ST_OFFSETS"],
    ["S35: reversed offsets", file(at("[4,0]"), 4), "E_ST_OFFSETS"],
    ["S35: one offset", file(at("[4]"), 4), "E_ST_OFFSETS"],
    ["S35: three offsets", file(at("[0,4,8]"), 4), "E_ST_OFFSETS"],
    ["S35: an offset of 0.0", file(at("[0.0,4]"), 4), "E_ST_OFFSETS"],
    ["S36: 4 bytes for 8", file(shaped("[2]"), 4), "E_ST_SIZE_MISMATCH"],
    ["S37: the same bytes twice", file(`{"a":${entry()},"b":${entry()}}`, 4), "E_ST_OVERLAP"],
    ["S37: nested", file(`{"a":${entry(0, 8, "[2]")},"b":${entry(4, 8)}}`, 8), "E_ST_OVERLAP"],
    ["S37: partly", file(`{"a":${entry(0, 8, "[2]")},"b":${entry(4, 12, "[2]")}}`, 12), "E_ST_OVERLAP"],
    ["S38: a hole at the start", file(`{"a":${entry(4, 8)}}`, 8), "E_ST_HOLE"],
    ["S38: a hole between", file(`{"a":${entry()},"b":${entry(8, 12)}}`, 12), "E_ST_HOLE"],
    ["S39: one byte short", file(named("t"), 3), "E_ST_TRUNCATED"],
    ["S40: one byte more", file(named("t"), 5), "E_ST_TRAILING"],
    ["S40: data without tensors", file("{}", 1), "E_ST_TRAILING"],
    ["S43: a length written big-endian", file("{}", 0, 2n << 56n), "E_ST_HEADER_TOO_LARGE"],
  ])("refuses %s", (_, bytes, code) => {
    expect(failure(bytes).code).toBe(code);
  });

  it("says what is wrong in one sentence, with the tensor's name made printable", () => {
    expect(failure(file(named("t"), 1)).message).toBe(
      "model.safetensors: expected 66 bytes, got 63, 95 % of them. " +
        "The download is incomplete or the file is damaged; get it again.",
    );
    expect(failure(file(`{"\u2067t":${entry()}}`, 4)).message).toBe(
      'model.safetensors: expected tensor names of 1 to 512 bytes, all printable, got 4 bytes ("\\u{2067}t"). ' +
        "The file's writer is at fault.",
    );
    expect(failure(file(shaped("[2]"), 4)).message).toBe(
      'model.safetensors: expected 8 bytes for F32 [2], got 4 ("t"). The file\'s writer is at fault.',
    );
    expect(failure(new TextEncoder().encode("<!DOCTYPE html><html></html>")).hint).toBe("It looks like a web page.");
    const gzip = Buffer.from("1f8b0800000000000003", "hex"); // whose first 8 bytes are a length that could be one
    expect(failure(gzip).hint).toBe("It looks like a gzip archive.");
    expect(failure(file("{}", 0, 2n << 56n)).hint).toBe("Was it written with its bytes swapped (big-endian)?");
    expect(failure(file(Uint8Array.of(0x7b, 0xff), 0)).offset).toBe(9);
    expect(failure(file("{]", 0)).offset).toBe(9);
  });

  it("S20, S42: refuses 100,001 tensors, and 10 MB of values after 1,600,000 of them", () => {
    const many = (count: number) =>
      `{${Array.from({ length: count }, (_, i) => `"${i}":${entry(0, 0, "[0]")}`).join(",")}}`;
    expect(parseSafetensors(file(many(100_000), 0), "x").size).toBe(100_000);
    expect(failure(file(many(100_001), 0)).code).toBe("E_LIMIT_TENSORS");
    const ones = Buffer.alloc(10_000_000, "1,");
    ones.write("[ ");
    const error = failure(file(ones, 0));
    expect([error.code, error.offset]).toEqual(["E_LIMIT_TENSORS", 8 + 2 + 2 * 1_599_999]);
  });

  it("reads the length of a header of exactly 100,000,000 bytes", () => {
    expect(headerLength(file("", 0, 100_000_000n), 100_000_008, "x")).toBe(100_000_000);
  });
});
