import { expect, test } from "vitest";
import { javaValue } from "../../../src/verify/bfcl/java.ts";
import { PyFloat } from "../../../src/verify/python/value.ts";

test("literals are read by their type; what is none stays a text", () => {
  expect([
    javaValue("5", "integer"),
    javaValue("5L", "long"),
    javaValue("5", "long"),
    javaValue("-5", "short"),
  ]).toEqual([5n, 5n, "5", -5n]);
  expect([javaValue("1.5f", "float"), javaValue("1.5", "float"), javaValue("2e3", "double")]).toEqual([
    new PyFloat(1.5),
    "1.5",
    new PyFloat(2000),
  ]);
  expect([javaValue("true", "boolean"), javaValue("True", "boolean"), javaValue("'a'", "char")]).toEqual([
    true,
    "True",
    "'a'",
  ]);
});

test("collections are taken apart", () => {
  expect(javaValue("new int[]{1, 2 , 3}", "Array", "integer")).toEqual([1n, 2n, 3n]);
  expect(javaValue('new ArrayList<>(Arrays.asList("a", "b"))', "ArrayList", "String")).toEqual(["a", "b"]);
  expect(javaValue("new ArrayList<Integer>() {{ add(1); add(2); }}", "ArrayList", "integer")).toEqual([1n, 2n]);
  expect(javaValue('new HashMap<String, Object>() {{ put("a", 1); put("b", "c"); put("d", 2L); }}', "HashMap")).toEqual(
    new Map<string, unknown>([
      ["a", 1n],
      ["b", "c"],
      ["d", 2n],
    ]),
  );
  expect([
    javaValue("new ArrayList<>()", "ArrayList", "any"),
    javaValue("new HashMap<>()", "HashMap"),
    javaValue("list", "Array", "any"),
  ]).toEqual([[], new Map(), "list"]);
  expect(() => javaValue("x", "Set")).toThrow("Java: expected a type that can be converted, got Set.");
});

test("a text made to hang the patterns stays a text", () => {
  const bomb = `new HashMap<${" ".repeat(100_000)}`;
  expect(javaValue(bomb, "HashMap")).toBe(bomb);
});
