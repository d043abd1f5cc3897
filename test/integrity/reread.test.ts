import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FLAG } from "../../src/files/io.ts";
import { rereadSha256 } from "../../src/integrity/reread.ts";
import { temporaryFolder } from "../support/folder.ts";

it("reads the whole file past the system's memory, whatever its length, or says that it cannot", () => {
  for (const length of [0, 1, 4095, 4097, (1 << 20) + 3]) {
    const path = join(temporaryFolder(), "file");
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) >> 3);
    writeFileSync(path, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    // Some filesystems refuse; a wrong hash is never an answer.
    expect([sha256, undefined]).toContain(rereadSha256(path));
  }
  expect(rereadSha256(join(temporaryFolder(), "none"))).toBe(undefined);
  expect(FLAG.direct !== undefined).toBe(process.platform === "linux");
});
