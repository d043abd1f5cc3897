/** The tiny models of small.ts, and a folder for them that lives as long as a test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export * from "./small.ts";

/** An empty folder that is removed when the test that asked for it is over. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "qwq-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
