/** The cases of golden/ops/rope, each with the record that its config.json fields stand for. */
import { readFileSync } from "node:fs";
import type { Rope } from "../../src/config.ts";
import { readJson, type JsonObject } from "../../src/json/json.ts";
import { readRope } from "../../src/files/rope.ts";
import { goldenPath } from "./golden.ts";

const path = goldenPath("ops/rope.json");
const configs = readJson(readFileSync(path), path) as Map<string, JsonObject>;

export const ropeCases: readonly { readonly name: string; readonly rope: Rope }[] = [...configs].map(
  ([name, fields]) => ({
    name,
    rope: readRope(fields, fields.get("head_dim") as number, fields.get("max_position_embeddings") as number, path),
  }),
);
