/** A learner's file, read as TypeScript: by tsx where it is installed, else by Node itself where it can. */
import { pathToFileURL } from "node:url";
import { IoError } from "../errors.ts";
import type { Written } from "./steps.ts";

type Tsx = typeof import("tsx/esm/api");

/** Node reads TypeScript from 22.18 on; its types for Node 20 do not know of it. */
const NATIVE = (process.features as { readonly typescript?: unknown }).typescript !== undefined;

/**
 * What the module exports.
 *
 * throws   IoError E_TSX_MISSING where nothing here reads TypeScript; whatever reading the module throws
 */
export async function readWritten(
  file: string,
  load: () => Promise<Tsx> = () => import("tsx/esm/api"),
  native = NATIVE,
): Promise<Written> {
  const { href } = pathToFileURL(file);
  const tsx = await load().catch(() => undefined);
  if (tsx !== undefined) return (await tsx.tsImport(href, import.meta.url)) as Written;
  if (native) return (await import(href)) as Written;
  throw new IoError("E_TSX_MISSING", "learn", {
    expected: "the package tsx, or Node 22.18 or later, to read TypeScript",
    actual: "neither",
    hint: "Run: npm install tsx",
  });
}
