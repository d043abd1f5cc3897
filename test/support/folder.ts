/** Folders that live as long as a test, and errors as values. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { QwqError } from "../../src/errors.ts";

/** An empty folder, removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "qwq-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The QwqError that `run` throws. Any other error, or none, fails the test. */
export function failure(run: () => unknown): QwqError {
  try {
    run();
  } catch (error) {
    if (error instanceof QwqError) return error;
    throw error;
  }
  throw new Error("expected a QwqError, but nothing was thrown");
}
