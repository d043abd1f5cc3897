import { expect, it } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { as, describe, field, optional } from "../../src/json/fields.ts";
import { type JsonObject, readJson } from "../../src/json/json.ts";

const object = readJson(
  '{"i":1,"f":1.0,"big":18446744073709551615,"inf":1e400,"b":true,"s":"x","a":[1],"o":{"k":2},"n":null}',
  "x.json",
) as JsonObject;

function failure(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof QwqError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("accepted");
}

it("gives each kind as what it is", () => {
  expect(field(object, "i", "integer", "x.json")).toBe(1);
  expect(field(object, "i", "number", "x.json")).toBe(1);
  expect(field(object, "f", "number", "x.json")).toBe(1);
  expect(field(object, "b", "boolean", "x.json")).toBe(true);
  expect(field(object, "s", "string", "x.json")).toBe("x");
  expect(field(object, "a", "array", "x.json")).toEqual([1]);
  expect(field(object, "o", "object", "x.json").get("k")).toBe(2);
  expect(as(object, "object", "", "x.json")).toBe(object);
});

it("gives undefined for an optional field that is absent or null, and checks one that is there", () => {
  expect(optional(object, "none", "integer", "x.json")).toBeUndefined();
  expect(optional(object, "n", "integer", "x.json")).toBeUndefined();
  expect(optional(object, "i", "integer", "x.json")).toBe(1);
  expect(failure(() => optional(object, "f", "integer", "x.json")).code).toBe("E_JSON_FIELD");
});

it.each(["integer", "number", "boolean", "string", "array", "object"] as const)("refuses null as %s", (kind) => {
  expect(failure(() => field(object, "n", kind, "x.json")).code).toBe("E_JSON_FIELD");
});

it("refuses numbers that are not finite, or not integers, or not exact", () => {
  expect(failure(() => field(object, "inf", "number", "x.json")).code).toBe("E_JSON_FIELD");
  expect(failure(() => field(object, "f", "integer", "x.json")).code).toBe("E_JSON_FIELD");
  expect(failure(() => field(object, "big", "integer", "x.json"))).toEqual({
    code: "E_JSON_INT_RANGE",
    message:
      'x.json: expected "big" to be an integer within 2^53 - 1, got 18446744073709551615. ' +
      "The file is damaged or was edited by hand; get it again, or mend it there.",
  });
});

it("takes the code, the object around it and the hint from the place", () => {
  const place = { path: "config.json", code: "E_CFG_ROPE", inside: "rope_scaling", hint: "Is this a Qwen2 model?" };
  expect(failure(() => field(object, "factor", "number", place))).toEqual({
    code: "E_CFG_ROPE",
    message: 'config.json: expected "rope_scaling.factor" to be a finite number, got nothing. Is this a Qwen2 model?',
  });
});

it("describes every kind of value", () => {
  const texts = ["i", "f", "b", "s", "a", "o", "n", "none"].map((key) => describe(object.get(key)));
  expect(texts).toEqual(["1", "1.0", "true", '"x"', "an array of 1", "an object with 1 key", "null", "nothing"]);
  expect(describe(readJson("1." + "0".repeat(500), "x.json"))).toHaveLength(83);
});
