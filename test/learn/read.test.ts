import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readWritten } from "../../src/learn/read.ts";
import { temporaryFolder } from "../support/folder.ts";

const missing = () => Promise.reject(new Error("Cannot find package 'tsx'"));

it("reads TypeScript by tsx, by Node where there is no tsx, and says what to install where neither can", async () => {
  const file = join(temporaryFolder(), "add.ts");
  writeFileSync(file, "export const add = (a: number, b: number): number => a + b;\n");
  const read = (await readWritten(file)) as unknown as { add(a: number, b: number): number };
  expect(read.add(2, 3)).toBe(5);
  const plain = join(temporaryFolder(), "plain.mjs"); // what Node 20 reads too
  writeFileSync(plain, "export const one = 1;\n");
  expect(await readWritten(plain, missing, true)).toMatchObject({ one: 1 });
  await expect(readWritten(file, missing, false)).rejects.toMatchObject({
    code: "E_TSX_MISSING",
    hint: "Run: npm install tsx",
  });
});
