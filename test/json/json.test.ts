import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.ts";
import { type Json, JsonNumber, readJson } from "../../src/json/json.ts";

/** What JSON.parse would have made of it. */
function plain(json: Json): unknown {
  if (json instanceof JsonNumber) return json.value;
  if (Array.isArray(json)) return json.map(plain);
  if (json instanceof Map) return Object.fromEntries([...json].map(([key, value]) => [key, plain(value)]));
  return json;
}

function code(source: string | Uint8Array, depth?: number): string {
  try {
    readJson(source, "x.json", depth === undefined ? {} : { depth });
    return "accepted";
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).code;
  }
}

describe("readJson", () => {
  it.each<[string, Json]>([
    ["0", 0],
    ["-9007199254740991", -9007199254740991],
    [" \t\r\n[ ] ", []],
    ["{}", new Map()],
    ['{"__proto__":1,"":null,"b":[true,false]}', new Map<string, Json>([["__proto__", 1], ["", null], ["b", [true, false]]])], // prettier-ignore
    [String.raw`"\"\\\/\b\f\n\r\tAé\ud83d\ude00"`, '"\\/\b\f\n\r\tAé😀'],
    ['"\u2028\u007f\ufeff"', "\u2028\u007f\ufeff"],
  ])("reads %s", (text, value) => {
    expect(readJson(text, "x.json")).toEqual(value);
    expect(readJson(new TextEncoder().encode(text), "x.json")).toEqual(value);
  });

  it.each(["1.0", "-0", "-0.0", "1e16", "1E-07", "9007199254740992", "18446744073709551616", "1e400", "0.1"])(
    "keeps the literal %s",
    (text) => {
      const value = readJson(text, "x.json");
      expect(value).toBeInstanceOf(JsonNumber);
      expect(value).toEqual({ text, value: Number(text) });
    },
  );

  it.each([
    ["", "E_JSON_SYNTAX"],
    ["nul", "E_JSON_SYNTAX"],
    ["nullnull", "E_JSON_TRAILING"],
    ["{} {}", "E_JSON_TRAILING"],
    ["{}\0", "E_JSON_TRAILING"],
    ["01", "E_JSON_TRAILING"],
    ["1.", "E_JSON_TRAILING"],
    ["1e", "E_JSON_TRAILING"],
    ["+1", "E_JSON_SYNTAX"],
    ["-", "E_JSON_SYNTAX"],
    [".5", "E_JSON_SYNTAX"],
    ["NaN", "E_JSON_SYNTAX"],
    ["-Infinity", "E_JSON_SYNTAX"],
    ["[1,]", "E_JSON_SYNTAX"],
    ["[1 2]", "E_JSON_SYNTAX"],
    ["[", "E_JSON_SYNTAX"],
    ['{"a":1,}', "E_JSON_SYNTAX"],
    ['{"a" 1}', "E_JSON_SYNTAX"],
    ['{"a":1 "b":2}', "E_JSON_SYNTAX"],
    ["{a:1}", "E_JSON_SYNTAX"],
    ["{'a':1}", "E_JSON_SYNTAX"],
    ["// c\n1", "E_JSON_SYNTAX"],
    ["\u00a01", "E_JSON_SYNTAX"],
    ['"a', "E_JSON_SYNTAX"],
    ['"a\\', "E_JSON_SYNTAX"],
    ['"\\n', "E_JSON_SYNTAX"],
    ['"\\x41"', "E_JSON_SYNTAX"],
    ['"\\u12g4"', "E_JSON_SYNTAX"],
    ['"a\nb"', "E_JSON_SYNTAX"],
    ['"\x1f"', "E_JSON_SYNTAX"],
    ['"\\n\nb"', "E_JSON_SYNTAX"],
    ['{"a":1,"a":1}', "E_JSON_DUP_KEY"],
    ['{"t":1,"\\u0074":2}', "E_JSON_DUP_KEY"],
    ['[{"__proto__":1,"__proto__":2}]', "E_JSON_DUP_KEY"],
    ['"\\ud800"', "E_JSON_SURROGATE"],
    ['"\\udc00\\ud800"', "E_JSON_SURROGATE"],
    ['"\\ud83dx\\ude00"', "E_JSON_SURROGATE"],
    ['{"\\ud800":1}', "E_JSON_SURROGATE"],
    ['"\ud800"', "E_JSON_SURROGATE"],
    ["\ufeff{}", "E_JSON_BOM"],
  ])("refuses %j with %s", (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  it.each([
    [[0xef, 0xbb, 0xbf, 0x31], "E_JSON_BOM"],
    [[0x22, 0xff, 0x22], "E_JSON_UTF8"],
    [[0x22, 0xc0, 0x80, 0x22], "E_JSON_UTF8"], // overlong NUL
    [[0x22, 0xed, 0xa0, 0x80, 0x22], "E_JSON_UTF8"], // a surrogate, as CESU-8 has it
    [[0x22, 0xe4, 0xbd], "E_JSON_UTF8"],
    [[0xff, 0xfe, 0x31, 0x00], "E_JSON_UTF8"], // UTF-16
  ])("refuses the bytes %j with %s", (bytes, expected) => {
    expect(code(Uint8Array.from(bytes))).toBe(expected);
  });

  it("reads 64 levels and refuses 65, and five million without overflowing the stack", () => {
    expect(code("[".repeat(64) + "]".repeat(64))).toBe("accepted");
    expect(code('[{"a":'.repeat(32) + "[]" + "}]".repeat(32))).toBe("E_JSON_DEPTH");
    expect(code("[".repeat(5e6))).toBe("E_JSON_DEPTH");
    expect(code("[[]]", 2)).toBe("accepted");
    expect(code("[[]]", 1)).toBe("E_JSON_DEPTH");
  });

  it("says where in bytes, what it expected and what it got", () => {
    const message = (source: string | Uint8Array) => {
      try {
        readJson(source, "config.json");
      } catch (error) {
        return (error as Error).message;
      }
      return "accepted";
    };
    const hint = "The file is damaged or was edited by hand; get it again, or mend it there.";
    expect(message('{"é":1 "b":2}')).toBe(`config.json: expected "," or "}", got "\\"" (at byte 8). ${hint}`);
    expect(message('{"a":1')).toBe(`config.json: expected "," or "}", got the end of the text (at byte 6). ${hint}`);
    expect(message('{"a\\u202e":1,"a\u202e":2}')).toBe(
      `config.json: expected each key once, got "a\\u{202e}" again (at byte 13). ${hint}`,
    );
    expect(message(Uint8Array.of(0x22, 0xc3, 0xa9, 0xff, 0x22))).toBe(
      "config.json: expected UTF-8, got 0xff (at byte 3). The file is damaged, or in another encoding.",
    );
  });

  it("gives back every value that JSON.stringify wrote", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(JSON.stringify(plain(readJson(text, "x.json")))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  it("accepts nothing that JSON.parse refuses, and agrees with it wherever both accept", () => {
    const piece = fc.constantFrom(...'{}[]:,"\\ \n0123456789.eE+-ab/u', "true", "null", '"a"', "\\ud83d", "\\u0074");
    let both = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const text = pieces.join("");
        const ours = attempt(() => plain(readJson(text, "x.json")));
        const theirs = attempt(() => JSON.parse(text) as unknown);
        if (ours === undefined) return;
        both++;
        expect({ text, value: ours.value }).toEqual({ text, value: theirs?.value });
      }),
      { numRuns: 20_000, seed: 1 },
    );
    expect(both).toBeGreaterThan(500);
  });
});

function attempt(run: () => unknown): { value: unknown } | undefined {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof FormatError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
