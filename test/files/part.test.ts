import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { PART_FILE, partOf } from "../../src/files/part.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { goldenPath } from "../support/golden.ts";

/** The whole of the embedded model, called a part. */
function called(part: string): string {
  const folder = join(temporaryFolder(), "part");
  cpSync(goldenPath("model/tiny"), folder, { recursive: true });
  writeFileSync(join(folder, PART_FILE), part);
  return folder;
}

it("a folder without part.json is no part; with it, its layers are those that it names", () => {
  expect(partOf(goldenPath("model/tiny"))).toBeUndefined();
  expect(partOf(called('{"format":"qwq-part/1","layers":[1,2]}'))).toEqual(new Set([1, 2]));
});

it.each([
  ["of another format", '{"format":"qwq-part/2","layers":[1]}', "E_PART"],
  ["that is no JSON", "{", "E_JSON_SYNTAX"],
  ["whose layers are none", '{"format":"qwq-part/1","layers":["1"]}', "E_PART"],
  ["with tensors that are none of its layers'", '{"format":"qwq-part/1","layers":[1]}', "E_TENSOR_UNEXPECTED"],
  ["with a layer that the model has not", '{"format":"qwq-part/1","layers":[0,1,2]}', "E_TENSOR_UNEXPECTED"],
])("a part %s is refused", (_, part, code) => {
  expect(failure(() => openCheckpoint(called(part))).code).toBe(code);
});
