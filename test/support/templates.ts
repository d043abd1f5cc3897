/** What the tests of chat templates share. */
import { readFileSync } from "node:fs";

/** A file below golden/text. */
export function golden(path: string): string {
  return readFileSync(new URL(`../../golden/text/${path}`, import.meta.url), "utf8");
}
