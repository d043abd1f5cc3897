import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { about, idsFromJson, readIds, readInput, readJsonLines, readText } from "../../src/cli/input.ts";
import { FormatError, LimitError, UsageError } from "../../src/errors.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

function file(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), "in");
  writeFileSync(path, content);
  return path;
}

async function lines(content: string | Uint8Array) {
  const path = file(content);
  const all = [];
  for await (const { json, where } of readJsonLines(path)) all.push([json, where.replace(path, "in")]);
  return all;
}

describe("readJsonLines", () => {
  it("gives each line's value and place; the last newline may be missing, and \\r\\n ends a line too", async () => {
    const expected = [
      [1, "in, line 1"],
      ["two", "in, line 2"],
    ];
    expect(await lines('1\n"two"\n')).toEqual(expected);
    expect(await lines('1\r\n"two"')).toEqual(expected);
    expect(await lines("")).toEqual([]);
  });

  it("gives any lines back, however they lie to the 64 KiB in which a file is read", async () => {
    // Lengths are drawn as numbers: fast-check's own strings stay far below a piece.
    const text = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 90_000 }), fc.string({ unit: "grapheme" }))
        .map(([n, end]) => "é".repeat(n) + end),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(text, async (all) => {
        const read = await lines(all.map((line) => `${JSON.stringify(line)}\n`).join(""));
        expect(read.map(([json]) => json)).toEqual(all);
      }),
      { numRuns: 20 },
    );
  });

  it("names the line that is bad: empty, not JSON, not UTF-8", async () => {
    await expect(lines("1\n\n2\n")).rejects.toMatchObject({ code: "E_JSON_SYNTAX" });
    await expect(lines("1\n\n2\n")).rejects.toThrow(
      /in, line 2: expected a JSON value, got the end of the text \(at byte 0\)/,
    );
    await expect(lines(Uint8Array.of(0x31, 0x0a, 0x22, 0xff, 0x22))).rejects.toThrow(
      /in, line 2: expected UTF-8, got 0xff/,
    );
  });
});

describe("readText", () => {
  it("keeps a byte order mark and the last newline", async () => {
    expect(await readText(file("\ufeffa\n"))).toBe("\ufeffa\n");
  });

  it("says where bytes are no UTF-8", async () => {
    await expect(readText(file(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff)))).rejects.toMatchObject({
      code: "E_TEXT_UTF8",
      offset: 4,
    });
  });
});

describe("readInput", () => {
  it("refuses a folder and a file that is not there", async () => {
    await expect(readInput(temporaryFolder())).rejects.toMatchObject({ code: "E_IO_NOT_REGULAR" });
    await expect(readInput(join(temporaryFolder(), "x"))).rejects.toMatchObject({ code: "E_IO_OPEN" });
  });
});

describe("readIds", () => {
  it("reads an array of ids", async () => {
    expect(await readIds(file(" [1, 2,\n4294967295]"))).toEqual(Uint32Array.of(1, 2, 2 ** 32 - 1));
  });

  it.each([
    ["E_JSON_FIELD", '{"ids": [1]}'],
    ["E_JSON_FIELD", "[1.0]"],
    ["E_JSON_FIELD", '["1"]'],
    ["E_JSON_INT_RANGE", "[1e400]"],
    ["E_ARG_TOKEN_ID", "[4294967296]"],
    ["E_ARG_TOKEN_ID", "[-1]"],
  ])("refuses with %s %s", async (code, text) => {
    await expect(readIds(file(text))).rejects.toMatchObject({ code });
  });

  it("names the place of an id that no model has", () => {
    expect(failure(() => idsFromJson([1, -2], "ids.json")).message).toBe(
      "ids.json: ids[1]: expected an id from 0 to 2^32 - 1, got -2. Give ids as qwq tokenize prints them: [1,2,3].",
    );
  });
});

describe("about", () => {
  it("names the file of an error that names none, and keeps all else", async () => {
    const error = new LimitError("E_X", "here", { expected: "a", actual: "b", hint: "c.", offset: 3, tensor: "t" });
    const caught: unknown = await about("f", () => Promise.reject(error)).catch((thrown: unknown) => thrown);
    expect(caught).toBeInstanceOf(LimitError);
    expect(caught).toMatchObject({ ...error, path: "f", message: "f: here: expected a, got b (t, at byte 3). c." });
  });

  it("leaves alone an error that names its file, and one that is not ours", async () => {
    const named = new FormatError("E_X", "x", { path: "other" });
    const placed = new UsageError("E_X", "f: ids[0]");
    for (const error of [named, placed, new TypeError("x")]) {
      await expect(about("f", () => Promise.reject(error))).rejects.toBe(error);
    }
  });
});
