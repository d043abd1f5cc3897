/** The models that come with the package, so that the first command needs no download. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { io } from "./io.ts";

/** Their folders' parent: found from the sources and from dist alike. A page has none of them, and reads this file too. */
const GOLDEN: string =
  ["../../golden", "../../../golden"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => io().statSync(path, { throwIfNoEntry: false }) !== undefined) ?? "";

/** A model of the package. */
export interface EmbeddedModel {
  readonly path: string;
  /** What is said of it to who has named no model, and how another is named. */
  readonly notes: readonly string[];
}

/** Each by the name that `-m` takes. Whoever names none gets the reasoner, and with tools (`qwq agent`) the caller of tools. */
export const EMBEDDED_MODELS = {
  reasoner: {
    path: join(GOLDEN, "reasoner"),
    notes: [
      "This is the embedded model: 1.2 million parameters, which know sums to 999 (What is 347 + 586?) and nothing else.",
      "Another: qwq run -m MODEL ...",
    ],
  },
  toolcaller: {
    path: join(GOLDEN, "toolcaller"),
    notes: [
      "This is the embedded toolcaller: 1.4 million parameters, which call the calculator (48231 * 917) and little else.",
      "Another: qwq agent -m MODEL ..., or a server: --server URL",
    ],
  },
} as const satisfies Record<string, EmbeddedModel>;

/** Names of embedded models. */
export type EmbeddedName = keyof typeof EMBEDDED_MODELS;

/** The folder of the reasoner, which is meant where no model is named. */
export const EMBEDDED: string = EMBEDDED_MODELS.reasoner.path;

/** The folder of the embedded model of this name; undefined where there is none. */
export function embeddedPath(name: string): string | undefined {
  return Object.hasOwn(EMBEDDED_MODELS, name) ? EMBEDDED_MODELS[name as EmbeddedName].path : undefined;
}
