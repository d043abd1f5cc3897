/**
 * The corpus: a file for each way in which a target's input can end, and for each fault that was found. What should come
 * of a file stands in its name: "ok-...", or the error's code and the first digits of the content's sha256.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "./run.ts";
import type { Target } from "./target.ts";

const ROOT = join(import.meta.dirname, "corpus");

export interface Saved {
  readonly file: string;
  /** What should come of it. */
  readonly outcome: Outcome;
  readonly bytes: Uint8Array;
}

/** What is saved of a target, in order. */
export function saved({ name }: Target): Saved[] {
  const folder = join(ROOT, name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file, outcome: file.slice(0, file.lastIndexOf("-")), bytes: readFileSync(join(folder, file)) }));
}

/** Writes a file, and returns its name; the same content has one name. */
export function save({ name, extension }: Target, outcome: Outcome, bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  mkdirSync(join(ROOT, name), { recursive: true });
  const file = join(ROOT, name, `${outcome}-${hash}.${extension}`);
  writeFileSync(file, bytes);
  return file;
}
