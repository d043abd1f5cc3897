/** The model that comes with the package, so that the first command needs no download. */
import { fileURLToPath } from "node:url";
import { io } from "./io.ts";

/** Its folder: found from the sources and from dist alike. */
export const EMBEDDED: string = ["../../golden/reasoner", "../../../golden/reasoner"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => io().statSync(path, { throwIfNoEntry: false }) !== undefined)!;
