/** The model that comes with the package, so that the first command needs no download. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Its folder: found from the sources and from dist alike. */
export const EMBEDDED: string = ["../../golden/model/tiny", "../../../golden/model/tiny"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))!;
