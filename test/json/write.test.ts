import { expect, it } from "vitest";
import { readJson } from "../../src/json/json.ts";
import { writeJson } from "../../src/json/write.ts";

it("writes what it read, every number and every key as it was", () => {
  const text =
    '{"b":1.0,"a":[-0,1e400,18446744073709551616,7],"1":"\\u0000\\"é","__proto__":{"x":null,"y":true},"e":[]}';
  expect(writeJson(readJson(text, "test"))).toBe(text);
});
