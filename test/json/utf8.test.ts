import { expect, it } from "vitest";
import { FormatError } from "../../src/errors.ts";
import { decodeUtf8 } from "../../src/json/utf8.ts";

function failure(bytes: number[], family?: string): [string, number | undefined] {
  try {
    decodeUtf8(Uint8Array.from(bytes), "x", family);
  } catch (error) {
    if (error instanceof FormatError) return [error.code, error.offset];
    throw error;
  }
  throw new Error("accepted");
}

it("gives the text back exactly", () => {
  const text = "a\0é你😀\ufffd\u2028";
  expect(decodeUtf8(new TextEncoder().encode(text), "x")).toBe(text);
  expect(decodeUtf8(new Uint8Array(0), "x")).toBe("");
});

it("refuses a byte order mark and names the first byte that is not UTF-8", () => {
  expect(failure([0xef, 0xbb, 0xbf])).toEqual(["E_JSON_BOM", 0]);
  expect(failure([0x61, 0x80, 0xff], "E_ST")).toEqual(["E_ST_UTF8", 1]);
  expect(failure([0x61, 0xc3, 0xa9, 0xc3, 0x28])).toEqual(["E_JSON_UTF8", 4]);
  expect(failure([0x61, 0xe4, 0xbd])).toEqual(["E_JSON_UTF8", 3]);
});
