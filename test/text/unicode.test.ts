import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DIGIT, LETTER, NUMBER, SPACE, kinds, numbers, runs } from "../../src/text/unicode.ts";

const golden = JSON.parse(readFileSync(new URL("../../golden/text/unicode.json", import.meta.url), "utf8")) as Record<
  string,
  string
>;

/** Ranges of the code points with this bit, as golden/make_unicode.py lists them. */
function listed(bit: number): string {
  const kind = kinds();
  const ranges: string[] = [];
  for (let c = 0; c < kind.length; c++) {
    if ((kind[c]! & bit) === 0) continue;
    const first = c;
    while (c + 1 < kind.length && (kind[c + 1]! & bit) !== 0) c++;
    ranges.push(`${first.toString(16)}-${c.toString(16)}`);
  }
  return ranges.join(",");
}

test.each([
  ["letters", LETTER],
  ["numbers", NUMBER],
  ["spaces", SPACE],
  ["numeric", DIGIT],
])("the class of %s has exactly the library's code points", (name, bit) => {
  expect(createHash("sha256").update(listed(bit)).digest("hex")).toBe(golden[name]);
});

test("letters, numbers and spaces share no character", () => {
  const kind = kinds();
  const shared = kind.findIndex((k) => [LETTER, NUMBER, SPACE].filter((bit) => (k & bit) !== 0).length > 1);
  expect(shared).toBe(-1);
});

test("a coded table is distances in base 36", () => {
  expect(numbers("1t -q 0")).toEqual([65, -26, 0]);
  expect(runs("1t q 6 1")).toEqual([
    [65, 91],
    [97, 98],
  ]);
});
