import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Language } from "../../../src/notebook/kernel/language.ts";

let folder: string;
let language: Language;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "language-"));
  const compilerOptions = { lib: ["es2023"], types: [], strict: true };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  language = new Language(folder);
  language.ran("/** How many there are. */\nconst headCount: number = 40;");
});
afterAll(() => rmSync(folder, { recursive: true }));

it("completes names of cells that have run, and members", () => {
  expect(language.complete("1 + headC", 9)).toEqual({ matches: ["headCount"], cursor_start: 4, cursor_end: 9 });
  const members = language.complete("headCount.toF", 13);
  expect(members).toEqual({ matches: ["toFixed"], cursor_start: 10, cursor_end: 13 });
});

it("counts characters as Python does, not as UTF-16", () => {
  const code = "const s = '😀'; headC";
  expect(language.complete(code, [...code].length).matches).toEqual(["headCount"]);
});

it("tells the type and the documentation of a name", () => {
  expect(language.inspect("headCount;", 4)).toBe("const headCount: number\n\nHow many there are.");
  expect(language.inspect("  ", 1)).toBeUndefined();
});
