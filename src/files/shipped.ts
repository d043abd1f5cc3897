/** Files that come with the package beside its code: pages, suites, a hook for Python. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { io } from "./io.ts";

/** The package's folder: found from the sources and from dist alike. */
const ROOT: string = ["../..", "../../.."]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => io().statSync(join(path, "package.json"), { throwIfNoEntry: false }) !== undefined)!;

/** The path of a file that package.json's "files" names. */
export function shipped(...parts: readonly string[]): string {
  return join(ROOT, ...parts);
}
