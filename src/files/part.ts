/**
 * A part of a model: a folder with the weights of some layers alone, fetched to look at these. part.json says which.
 *
 *   part.json           {"format": "qwq-part/1", "layers": [40], "model": "Qwen/QwQ-32B", "commit": "..."}
 *   model.safetensors   the weights of those layers, and the gain of the final norm
 *   config.json ...     as in the whole model's folder
 */
import { join } from "node:path";
import type { Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import { as, field } from "../json/fields.ts";
import { readJson } from "../json/json.ts";
import { stored, type Stored } from "../tensor.ts";
import type { Layer } from "../weights.ts";
import { expectedWeights, LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, sizes } from "./names.ts";
import { namesIn, readInside } from "./paths.ts";

export const PART_FILE = "part.json";
export const PART_FORMAT = "qwq-part/1";
const MOST_PART = 2 ** 16;

/** The layers whose weights are in the folder, if it is a part. Throws FormatError E_JSON_*, E_PART. */
export function partOf(path: string): ReadonlySet<number> | undefined {
  if (!namesIn(path).has(PART_FILE)) return undefined;
  const at = join(path, PART_FILE);
  const place = { path: at, code: "E_PART", hint: "Fetch it again." };
  const fields = as(readJson(readInside(path, PART_FILE, MOST_PART, "E_LIMIT_CONFIG"), at), "object", "", place);
  const format = field(fields, "format", "string", place);
  if (format !== PART_FORMAT) {
    throw new FormatError("E_PART", at, { path: at, expected: PART_FORMAT, actual: format, hint: place.hint });
  }
  return new Set(field(fields, "layers", "array", place).map((l) => as(l, "integer", "layers", place)));
}

/** The names of a part's tensors in a safetensors checkpoint, in the order of the page. */
export function partNames(config: Config, layers: ReadonlySet<number>): ReadonlySet<string> {
  const inside = [...layers].flatMap((l) => LAYER_WEIGHTS.map((row) => layerName(row, l, "safetensors")));
  const wanted = new Set([...inside, MODEL_WEIGHTS.find(({ ours }) => ours === "g")!.safetensors]);
  const all = expectedWeights(config, "safetensors").map(({ name }) => name);
  return new Set(all.filter((name) => wanted.has(name)));
}

/** A layer that is not there: whatever is asked of it throws FormatError E_PART_ABSENT. */
export function absentLayer(l: number, path: string): Layer {
  return new Proxy({} as Layer, {
    get() {
      throw absent(`the weights of layer ${l}`, path);
    },
  });
}

/** A matrix that is not there: its rows throw FormatError E_PART_ABSENT. */
export function absentMatrix<A extends string>(name: string, config: Config, path: string): Stored<A> {
  const none = () => {
    throw absent(name, path);
  };
  return stored<A>({ shape: [config.vocabulary, sizes(config).C], format: "BF16", name, widen: none, window: none });
}

function absent(what: string, path: string): FormatError {
  return new FormatError("E_PART_ABSENT", path, {
    path,
    expected: what,
    actual: "none: this is a part of a model",
    hint: "Name its layers with --layers, or fetch the whole model: qwq download.",
  });
}
