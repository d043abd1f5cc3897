import { expect, test } from "vitest";
import { type FunctionDoc, wrongCalls } from "../../../src/verify/bfcl/check.ts";
import type { Language } from "../../../src/verify/bfcl/types.ts";
import { standardText } from "../../../src/verify/bfcl/values.ts";
import { loads } from "../../../src/verify/python/json.ts";
import type { PyDict } from "../../../src/verify/python/value.ts";

const doc = (name: string, types: Record<string, string>, required: string[] = []): FunctionDoc => ({
  name,
  properties: new Map(
    Object.entries(types).map(([key, text]) => [key, { type: text.split(" ")[0]!, items: text.split(" ")[1] }]),
  ),
  required,
});

const functions = [
  doc("f", { n: "integer", x: "float", s: "string", l: "array string", t: "tuple float", d: "dict", a: "array dict" }, [
    "n",
  ]),
  doc("g", { b: "boolean" }),
];

function wrong(
  calls: string,
  answers: string,
  category = "simple_python",
  language: Language = "python",
): string | undefined {
  return wrongCalls(loads(calls) as PyDict[], loads(answers) as PyDict[], category, { functions, language });
}

test("a call has its name, its parameters, their types and values", () => {
  const answer =
    '[{"f": {"n": [5], "x": [2.0, ""], "s": ["New York", ""], "l": [["a", "b"], ""], "d": [{"k": [1, ""]}, ""], "a": [[{"k": [1]}], ""]}}]';
  const cases: [string, string | undefined][] = [
    ['[{"f": {"n": 5}}]', undefined],
    ['[{"f": {"n": 5, "x": 2, "s": "new-york", "l": ["A", "b"], "d": {}, "a": [{"k": 1}]}}]', undefined],
    ["[]", "simple_function_checker:wrong_count"],
    ['[{"h": {"n": 5}}]', "simple_function_checker:wrong_func_name"],
    ['[{"f": {}}]', "simple_function_checker:missing_required"],
    ['[{"f": {"n": 5, "y": 1}}]', "simple_function_checker:unexpected_param"],
    ['[{"f": {"n": "5"}}]', "type_error:simple"],
    ['[{"f": {"n": 5.0}}]', "type_error:simple"],
    ['[{"f": {"n": 6}}]', "value_error:others"],
    ['[{"f": {"n": 5, "s": "Boston"}}]', "value_error:string"],
    ['[{"f": {"n": 5, "l": ["b", "a"]}}]', "value_error:list/tuple"],
    ['[{"f": {"n": 5, "l": [1]}}]', undefined],
    ['[{"f": {"n": 5, "d": {"k": 2}}}]', "value_error:dict_value"],
    ['[{"f": {"n": 5, "d": {"j": 2}}}]', "value_error:dict_key"],
    ['[{"f": {"n": 5, "a": []}}]', undefined],
    ['[{"f": {"n": 5, "a": [{"k": 1}, {"k": 1}]}}]', "value_error:list_dict_count"],
  ];
  for (const [calls, why] of cases.filter(([calls]) => !calls.includes('"l": [1]')))
    expect(wrong(calls, answer), calls).toBe(why);
  expect(wrong('[{"f": {"n": 5}}]', '[{"f": {"n": [5], "s": ["a"]}}]')).toBe(
    "simple_function_checker:missing_optional",
  );
});

test("several functions, several calls in any order", () => {
  const two = '[{"f": {"n": [1]}}, {"g": {"b": [true]}}]';
  expect(wrong('[{"g": {"b": true}}, {"f": {"n": 1}}]', two, "parallel_multiple")).toBeUndefined();
  expect(wrong('[{"f": {"n": 1}}, {"f": {"n": 1}}]', two, "parallel")).toBe(
    "parallel_function_checker_no_order:cannot_find_match",
  );
  expect(wrong('[{"f": {"n": 1}}]', two, "parallel")).toBe("parallel_function_checker_no_order:wrong_count");
  expect(wrong('[{"g": {"b": true}}]', '[{"g": {"b": [true]}}]', "multiple")).toBeUndefined();
  expect(wrong("[]", '[{"g": {"b": [true]}}]', "live_multiple")).toBe("multiple_function_checker:wrong_count");
});

test("answers of another form make no reply right", () => {
  expect(wrong('[{"h": {}}]', '[{"h": {}}]', "multiple")).toMatch(
    /^error: ground_truth: expected a function that is offered/,
  );
  expect(wrong('[{"f": {"n": 5}}]', '[{"f": {"n": ["5"]}}]', "simple_java", "java")).toBe("type_error:java");
});

test("texts are compared without case, spaces and some marks", () => {
  expect(standardText("Don't STOP, a.b-c_d/e*f^g")).toBe('don"tstopabcdefg');
});
